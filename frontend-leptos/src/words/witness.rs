//! Words about the witnesses of the log, this browser among them.

use super::catalogue;

catalogue! {
    /// Words about the witnesses of the log, this browser among them.
    Witness {
        warning: "Das Protokoll der Schule passt nicht zu dem, was dieser Browser schon gesehen hat" | "The school's log does not fit what this browser has seen before",
        smaller: "Beim letzten Besuch hatte das Protokoll {before} Einträge, jetzt zeigt der Schulserver nur noch {now}. Es fehlen also Einträge. Das kann nach dem Einspielen einer Sicherung so sein; es kann aber auch heißen, dass jemand etwas verschwinden lässt." | "On your last visit the log had {before} entries; now the school server shows only {now}. Entries are missing. That can happen after a backup was restored; it can also mean that somebody is making something disappear.",
        rewritten: "Die {before} Einträge, die dieser Browser beim letzten Besuch gesehen hat, stehen nicht mehr unverändert unter den {now} Einträgen von heute. Das Protokoll wurde nachträglich geändert." | "The {before} entries that this browser saw on your last visit are no longer unchanged among today's {now} entries. The log has been altered afterwards.",
        not_signed: "Die Unterschrift des Schulservers unter dem Protokoll ist nicht echt." | "The school server's signature below the log is not genuine.",
        other_key: "Der Schulserver unterschreibt das Protokoll mit einem anderen Schlüssel als bisher. Nach einem Umzug auf ein neues Gerät ist das zu erwarten, sollte dann aber angekündigt sein." | "The school server signs the log with another key than before. That is to be expected after a move to a new machine, but should then have been announced.",
        what_to_do: "Sie können weiterarbeiten. Bitte sagen Sie es aber der Schulleitung oder der Person, die in der Schule für den Datenschutz zuständig ist, und zeigen Sie ihnen diese Meldung. Löschen Sie die Daten dieses Browsers nicht: Sie sind der Beleg." | "You can go on working. But please tell the head of the school or the person in charge of data protection, and show them this message. Do not clear this browser's data: they are the evidence.",
        seen_at: "Das letzte Mal passte alles: {at}." | "Everything fitted last: {at}.",
        accept_text: "Hat die Schule selbst bestätigt, dass sie eine Sicherung eingespielt hat oder umgezogen ist? Dann können Sie den neuen Stand gelten lassen. Der alte und mit ihm der Beleg sind danach in diesem Browser vergessen." | "Has the school itself confirmed that it restored a backup or moved? Then you can accept the new state. The old one, and the evidence with it, is then forgotten in this browser.",
        accept: "Die Schule hat es mir bestätigt: neuen Stand merken" | "The school has confirmed it to me: remember the new state",
        evidence: "Beleg: damals gesehen, heute gezeigt" | "Evidence: seen then, shown now",
        witnesses: "Zeugen des Protokolls" | "Witnesses of the log",
        lead: "Zeugen außerhalb der Schule merken sich, wie weit das Protokoll war, damit es niemand unbemerkt umschreiben kann. Sie sehen nur Größe und Prüfsumme." | "Witnesses outside the school remember how far the log had come, so that nobody can rewrite it unnoticed. They see its size and root only.",
        none: "Es sind keine Zeugen eingerichtet. Tragen Sie in schulhof.toml unter [[witness.peer]] den Relay-Betreiber, den Schulträger oder eine andere Schule ein." | "No witnesses are set up. Enter the relay's operator, the school authority or another school in schulhof.toml under [[witness.peer]].",
        fine: "Das Protokoll ist bezeugt. Unterschriften in der letzten Stunde: {fresh}, nötig: {need}." | "The log is witnessed. Signatures within the last hour: {fresh}, needed: {need}.",
        alarm: "Das Protokoll ist nicht mehr bezeugt: Seit mindestens einer Stunde fehlen Unterschriften von Zeugen ({fresh} von {need}). Der Betrieb geht weiter, aber was jetzt geschieht, ließe sich unbemerkt ändern. Bitte prüfen Sie die Internetverbindung und fragen Sie die Betreiber der Zeugen." | "The log is no longer witnessed: for at least an hour signatures of witnesses have been missing ({fresh} of {need}). Work goes on, but what happens now could be changed unnoticed. Please check the Internet connection and ask those who run the witnesses.",
        to_witnesses: "Zeugen ansehen" | "See the witnesses",
        line: "{at} · {size} Einträge {state}" | "{at} · {size} entries {state}",
        never: "noch nie unterschrieben" | "never signed",
        late: "· überfällig" | "· overdue",
        silent: "· antwortet nicht" | "· does not answer",
        unknown: "· kennt dieses Protokoll nicht: Der Schlüssel unten muss dort eingetragen werden" | "· does not know this log: the key below must be entered there",
        wrong_key: "· antwortet unter einem anderen Schlüssel als dem eingetragenen" | "· answers under another key than the one entered",
        ahead: "· hat schon ein längeres Protokoll gesehen: Dieses hier wurde zurückgesetzt" | "· has seen a longer log: this one was set back",
        disagrees: "· hat ein anderes Protokoll gesehen: Eines von beiden ist gefälscht" | "· has seen another log: one of the two is forged",
        for_others: "wird von diesem Schulserver bezeugt" | "is witnessed by this school server",
        own_log: "Schlüssel des eigenen Protokolls, für die Zeugen" | "Key of the school's own log, for the witnesses",
        own_key: "Schlüssel dieses Schulservers als Zeuge anderer" | "Key of this school server as a witness of others",
    }
}
