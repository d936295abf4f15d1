//! Words about the backups.

use super::catalogue;

catalogue! {
    /// Words about the backups.
    Backup {
        backup: "Sicherung" | "Backup",
        lead: "Damit nichts verloren geht, wird alles an einen zweiten Ort gebracht. Einmal in der Woche wird ausprobiert, ob es sich von dort wiederherstellen lässt." | "So that nothing is lost, everything is brought to a second place. Once a week restoring it from there is tried.",
        pushed: "Zuletzt gesichert" | "Last backed up",
        drilled: "Zuletzt ausprobiert" | "Last tried",
        root: "Prüfsumme des wiederhergestellten Protokolls" | "Root of the restored log",
        moment: "{at}, bis Eintrag {n}" | "{at}, up to entry {n}",
        never: "noch nie" | "never",
        fine: "Die Sicherung ist aktuell, und die Wiederherstellung wurde ausprobiert." | "The backup is up to date, and restoring it was tried.",
        none: "Es gibt noch keine Sicherung. Fällt dieser Server aus, ist alles verloren. Wie man sie einrichtet, steht im Handbuch unter „Sicherung“." | "There is no backup yet. If this server fails, everything is lost. The guide says under “Backup” how to set one up.",
        old: "Die letzte Sicherung ist zu alt. Bitte prüfen Sie, ob der Ort der Sicherung erreichbar ist." | "The last backup is too old. Please check whether its place can be reached.",
        failing: "Das Sichern schlägt gerade fehl. Bitte prüfen Sie, ob der Ort der Sicherung erreichbar ist und Platz hat." | "Backing up is failing. Please check whether its place can be reached and has room.",
        drill_old: "Seit mehr als acht Tagen wurde nicht ausprobiert, ob sich die Sicherung wiederherstellen lässt." | "For more than eight days nobody has tried whether the backup can be restored.",
        drill_failed: "Der letzte Versuch, die Sicherung wiederherzustellen, ist gescheitert. Bitte heute noch darum kümmern: Was sich nicht wiederherstellen lässt, ist keine Sicherung." | "The last try to restore the backup failed. Please see to it today: what cannot be restored is no backup.",
        to_backup: "Zur Sicherung" | "To the backup",
    }
}
