//! Family names. Written down for this project; plain lists, separated by blanks.

pub(super) const GERMAN: &str = "
    Abel Ahlers Ahrens Albers Albrecht Arndt Arnold Bach Backhaus Bartels Barth Bauer Baumann Beck
    Becker Beckmann Behrends Behrens Berger Bergmann Bertram Beyer Binder Blank Block Bock Bode
    Bohlen Bolte Borchers Brand Brandes Brandt Braun Bremer Brinkmann Brockmann Bruns Brüggemann
    Buchholz Buck Budde Burmeister Busch Buse Böhm Böttcher Carstens Christiansen Claussen Conrad
    Cordes Decker Deppe Detlefsen Diekmann Diercks Dietrich Dierks Dohrmann Dreyer Drewes Ebeling
    Eckert Eggers Ehlers Eilers Engel Engelke Ernst Evers Fabian Fischer Fleischer Folkerts Franke
    Frerichs Freese Friedrich Friese Fritz Fröhlich Fuchs Gebhardt Geerdes Gerdes Gerken Giese
    Glaser Goldmann Graf Grabowski Grimm Groth Großmann Günther Götz Haack Haase Hagedorn Hahn
    Hansen Harms Hartmann Hartwig Hauser Heine Heinemann Heinrich Heitmann Heller Hellwig Henke
    Hennings Henze Hermann Heuer Hilbert Hinrichs Hoffmann Hofmann Hoppe Horn Horstmann Huber Hübner
    Höfer Ihnen Jacobs Jahn Jansen Janßen Jessen Jung Jäger Kahl Kaiser Kaufmann Keller Kellermann
    Kessler Kirchner Klages Klein Klose Kluge Knoop Koch Kohl Kolbe Koopmann Kramer Kraft Krause
    Krebs Kremer Kröger Krüger Kruse Kuhlmann Kuhn Köhler König Köster Kühn Lange Langer Lehmann
    Lindemann Lindner Linke Lohmann Lorenz Lübbers Lüders Ludwig Lührs Maaß Mahler Marquardt Martens
    Maurer Mayer Meier Meinders Meinecke Menke Mertens Meyer Michaelis Möhring Möller Moritz Müller
    Naumann Neubauer Neumann Niemann Niemeyer Nissen Nolte Oelkers Ohlsen Oltmanns Onken Ostermann
    Otte Otto Pape Paulsen Peters Petersen Pfeiffer Pohl Poppe Preuß Quast Rabe Rademacher Rasch
    Rathje Rehm Reimers Reinhardt Reinke Renken Reuter Richter Riedel Rieger Ritter Rode Roggenkamp
    Rohde Rosenbaum Roth Röhrs Rösler Rudolph Ruhe Sander Sauer Schade Scheffler Schiller Schlüter
    Schmid Schmidt Schmitz Schneider Scholz Schomburg Schreiber Schrader Schröder Schubert Schulte
    Schultz Schulz Schumacher Schuster Schwarz Schweers Schäfer Schütte Seidel Seifert Siebert
    Siemers Simon Sommer Specht Stahl Stegemann Stein Steffens Steinbrink Stelter Stolle Storm
    Strauß Stubbe Suhr Tamm Tegtmeier Thiele Thies Thomsen Timm Tietjen Ulrich Uphoff Vogel Vogt
    Voigt Voss Wagner Walter Warnecke Weber Wegener Wegner Weigel Weiß Wendt Werner Wessels Westphal
    Wiechmann Wiegand Wieland Wilke Willms Winkler Winter Witte Wolf Wolters Wulf Wüstefeld Zander
    Zeller Ziegler Zimmer Zimmermann
";

pub(super) const WITH_PARTICLES: &[&str] = &[
    "de Boer",
    "de Vries",
    "ter Meer",
    "tom Dieck",
    "van der Velde",
    "van Dyken",
    "von Ahn",
    "von der Heide",
    "von Rabenau",
    "zu Hohenfeld",
    "zum Felde",
    "zur Mühlen",
];

pub(super) const TURKISH: &str = "
    Acar Akbaş Aksoy Aktaş Altun Arslan Aslan Aydın Bayrak Bozkurt Bulut Can Çakır Çelik Çetin
    Coşkun Demir Demirci Doğan Erdem Erdoğdu Güler Güneş Gündüz Kaplan Kara Karaca Kaya Keskin Kılıç
    Koç Korkmaz Kurt Öztürk Özdemir Özkan Polat Şahin Sarı Şen Şimşek Taş Tekin Toprak Tunç Turan
    Uçar Uysal Ünal Yalçın Yavuz Yıldırım Yıldız Yılmaz Yüksel
";

pub(super) const ARABIC: &str = "
    Abbas Abdallah Abdi Al-Ahmad Al-Hassan Al-Jabouri Al-Khatib Al-Masri Alsayed Amiri Awad Aziz
    Barakat Bakir Darwish El-Amin El-Haddad El-Sayed Fares Ghanem Habibi Haddad Haidari Hamdan
    Hamidi Hariri Ibrahim Ismail Issa Jaber Kassem Khalil Khoury Mahmoud Mansour Mohammadi Mustafa
    Nasser Nazari Omar Osman Rahimi Rahman Saad Saleh Salloum Sharif Suleiman Tahir Yousef Zaidan
";

pub(super) const POLISH: &str = "
    Adamczyk Baran Borowski Dąbrowski Dudek Gajewski Głowacka Górski Jabłońska Jankowski Kaczmarek
    Kamiński Kowalczyk Kowalski Krawczyk Kubiak Lewandowski Majewska Malinowski Mazur Michalak Nowak
    Nowicki Olszewska Ostrowski Pawlak Piątek Pietrzak Sadowska Sikora Sobczak Szymański Walczak
    Wieczorek Wiśniewski Wójcik Wojciechowska Woźniak Zając Zieliński
";

pub(super) const RUSSIAN: &str = "
    Antonow Becker-Kusnezow Bogdanow Dell Fedorow Filatow Gerber Hergert Iwanow Jakowlew
    Kaiser-Petrow Kisseljow Koslow Kowalenko Kraus Kusnezow Lebedew Makarow Melnik Morosow Nikitin
    Orlow Pawlenko Petrow Popow Romanow Schewtschenko Sidorow Smirnow Sokolow Tkatschenko Wagner
    Wassiljew Weimer Wolkow
";

pub(super) const BALKAN: &str = "
    Ademi Avdić Babić Begović Berisha Bytyqi Dervishi Delić Đorđević Gashi Hadžić Halilović
    Hasanović Hoxha Ilić Jashari Jovanović Jurić Kovačević Krasniqi Marić Marković Morina Mujić
    Nikolić Novaković Osmani Pavlović Petrović Shala Stojanović Vuković Zeqiri
";

pub(super) const VIETNAMESE: &str = "
    Bui Cao Dang Dinh Do Duong Ha Ho Hoang Huynh Le Luong Ly Ngo Nguyen Pham Phan Tran Trinh Vo Vu
";

pub(super) const ITALIAN: &str = "
    Amato Barbieri Basile Bianchi Bruno Caruso Colombo Conti Costa D'Angelo De_Luca Esposito Ferrari
    Gallo Greco Lombardi Mancini Marino Moretti Ricci Rinaldi Romano Russo Santoro Vitale
";
