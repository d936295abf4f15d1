//! Given names. Written down for this project; plain lists, separated by blanks.

/// Names of children in today's classes.
pub(super) const CHILDREN: &str = "
    Ada Adrian Alexander Alina Alma Amelie Anna Annika Anton Antonia Arne Arthur Ava Bela Ben
    Benedikt Benno Bennet Björn Bruno Carla Carlotta Carl Charlotte Clara Clemens Constantin Cosima
    Daniel David Dominik Edda Elena Elias Elif Elisa Ella Elli Emil Emilia Emily Emma Enno Erik Eva
    Fabian Felicitas Felix Fenja Finja Finn Florentine Florian Frank Franz Franziska Freya Frida
    Friederike Friedrich Fritz Gabriel Georg Greta Gustav Hanna Hannes Hauke Hedda Helena Helene
    Hendrik Henri Henrike Henry Hugo Ida Ilse Isabel Isabella Jakob Jan Jana Janne Jannes Jannik
    Jasper Jella Jette Joel Johann Johanna Jonas Jonathan Jonna Joris Josefine Joshua Jule Julia
    Julian Julius Jördis Karla Karlotta Katharina Kilian Kira Klara Konrad Lara Lars Lasse Laura Lea
    Leander Lena Leni Lennard Lennart Leo Leon Leonard Leonie Leonora Levi Levke Lia Lilli Lina
    Linda Linus Linnea Lisa Liv Lorenz Lotta Lotte Louis Louisa Luca Lucia Ludwig Luis Luisa Luise
    Lukas Luna Maja Malin Malte Mara Marie Marla Marlene Marten Martha Marvin Mats Matthis Matilda
    Mattes Max Maximilian Mia Michel Mika Mila Milan Milo Mina Mira Moritz Nele Neele Niclas Nils
    Nina Noah Noel Nora Ole Oskar Paul Paula Pauline Pepe Peter Philine Philipp Pia Piet Quentin
    Raphael Rasmus Rebekka Rieke Robert Robin Ronja Rosa Ruben Runa Samuel Sander Sarah Sebastian
    Selma Silas Simon Smilla Sofia Sophie Stella Stine Svea Sören Tabea Tamme Tessa Theda Theo
    Theresa Thilo Thore Tilda Till Tim Timo Tjark Tobias Tom Toni Valentin Vera Victoria Viktor
    Vincent Wanda Wiebke Wilma Yannick Yara Zoe
    Anna-Lena Emma_Sophie Hanna-Marie Jan-Ole Karl_Theodor Lea-Sophie Lina_Marie
    Luca-Noel Mia_Luisa Paul_Emil Tom-Luca
";

/// Names of those who teach them and bring them up.
pub(super) const ADULTS: &str = "
    Achim Alexandra Andrea Andreas Angela Anja Anke Anne Annegret Annette Antje Astrid Axel Barbara
    Bernd Bettina Birgit Birte Britta Carina Carsten Christian Christiane Christina Christoph
    Claudia Cornelia Dagmar Daniela Dennis Detlef Dieter Dirk Doris Dörte Eike Elke Enrico Ernst
    Frauke Gabriele Gerd Gesa Gesine Gudrun Gunnar Guido Götz Hanno Hans-Jürgen Harald Hartmut Heide
    Heike Heiko Heinz Helga Helmut Henning Henrik Holger Ilka Imke Ina Ines Inga Ingo Ingrid Inken
    Iris Jens Jochen Jutta Jörg Jürgen Kai Karin Karola Karsten Katja Katrin Kerstin Kirsten Klaus
    Knut Kristin Lothar Lutz Maike Maren Margret Marion Markus Martin Martina Matthias Meike Melanie
    Merle Michael Michaela Monika Nadine Nicole Norbert Olaf Oliver Petra Rainer Ralf Regina
    Reinhard Renate Rolf Roland Rüdiger Sabine Sandra Silke Silvia Sonja Stefan Stefanie Steffen
    Susanne Sven Swantje Sybille Tanja Thomas Thorsten Tina Torben Ulf Ulrich Ulrike Ursula Ute Uwe
    Verena Volker Walter Wencke Werner Wilfried Wolfgang Yvonne
    Ann-Kathrin Eva-Maria Hans-Peter Karl-Heinz Marie-Luise Uta_Maria
";

pub(super) const TURKISH: &str = "
    Ahmet Asya Aylin Ayşe Azra Baran Batuhan Berat Berkay Beyza Burak Büşra Can Cem Ceren Damla
    Defne Deniz Derya Ebru Ece Ecrin Efe Emine Emir Emirhan Enes Eren Esra Eylül Fatma Furkan Gizem
    Gül Hakan Hatice Hiranur Kaan Kerem Mehmet Melek Merve Mert Meryem Mustafa Nehir Nisa Onur Ömer
    Özlem Selin Serkan Sıla Sude Tuana Umut Yağmur Yiğit Yusuf Zehra Zeynep Çağla Ümit İbrahim
";

pub(super) const ARABIC: &str = "
    Abdul Adam Ahmad Aisha Ali Amal Amina Amir Bilal Dalia Dana Fadi Farah Fatima Habib Hadi Hala
    Hamza Hana Hasan Hassan Hussein Ibrahim Ilyas Imad Inaya Jamal Jana Jasmin Karim Khaled Khadija
    Lamar Layan Layla Lina Mahmoud Malak Malik Mariam Maya Mohammad Mohammed Nabil Nadia Nour Omar
    Osama Rami Rania Rayan Rima Salma Samir Sara Tariq Walid Yasmin Youssef Zain Zahra
";

pub(super) const POLISH: &str = "
    Agnieszka Aleksander Aleksandra Amelia Antoni Bartosz Błażej Dawid Dorota Ewa Filip Franciszek
    Gabriela Hubert Igor Iwona Jacek Jadwiga Jakub Joanna Julia Kacper Kamil Karolina Kinga
    Krzysztof Łukasz Magdalena Maciej Maja Małgorzata Mateusz Michał Mikołaj Natalia Oliwia Paweł
    Piotr Stanisław Szymon Tomasz Wiktoria Wojciech Zofia Zuzanna
";

pub(super) const RUSSIAN: &str = "
    Alexej Alina Anastasia Andrej Anton Artjom Daria Denis Diana Dmitri Ekaterina Elena Eugen Galina
    Igor Ilja Irina Jewgenij Kirill Kristina Ksenia Larissa Ludmila Maxim Milana Nadeschda Natalja
    Nikita Oksana Oleg Olga Pawel Polina Roman Sergej Swetlana Tatjana Timur Valeria Viktoria Vitali
    Vladislav Xenia Yaroslav
";

pub(super) const BALKAN: &str = "
    Adem Admir Ajla Albin Amar Ana Arber Ardita Besnik Blerta Dajana Damir Dario Denisa Dragan Drita
    Dženan Edin Elvira Emina Erblin Fjolla Goran Haris Ivana Jasna Jelena Kenan Leart Luka Marko
    Mirjana Mirza Nemanja Nikola Petar Sanela Stefan Vesna Željko
";

pub(super) const VIETNAMESE: &str = "
    An Anh Bao Binh Chi Dung Duy Giang Hai Hanh Hieu Hoa Hoang Huong Khanh Lan Linh Long Mai Minh My
    Nam Nga Ngoc Nhung Phuong Quan Quang Quynh Son Thao Thanh Thi Thuy Trang Trung Tuan Vinh Vy Yen
";

pub(super) const ITALIAN: &str = "
    Alessandro Alessia Andrea Aurora Beatrice Camilla Chiara Davide Elisa Emanuele Enzo Fabio
    Federica Francesca Francesco Gaia Giada Gianluca Giorgia Giovanni Giulia Greta Leonardo Lorenzo
    Luca Marco Martina Matteo Nicolò Paolo Riccardo Salvatore Silvia Sofia Valentina
";
