package calendar

import "time"

// belgium has the ten days of the royal decree of 18 April 1974, which article 4
// of the law of 4 January 1974 on public holidays asks for. The days of the
// communities and regions are none by that law, so that no region differs. If
// a day falls on a Sunday an employer gives another, which no table can know.
func belgium() country {
	return country{code: "BE", rules: []rule{
		fixed(time.January, 1, "Jour de l'an"),
		easter(1, "Lundi de Pâques"),
		fixed(time.May, 1, "Fête du Travail"),
		easter(39, "Ascension"),
		easter(50, "Lundi de Pentecôte"),
		fixed(time.July, 21, "Fête nationale"),
		fixed(time.August, 15, "Assomption"),
		fixed(time.November, 1, "Toussaint"),
		fixed(time.November, 11, "Armistice"),
		fixed(time.December, 25, "Noël"),
	}}
}

// luxembourg has the eleven days of article L. 232-2 of the Code du travail,
// Europe Day among them since the law of 25 April 2019.
func luxembourg() country {
	return country{code: "LU", rules: []rule{
		fixed(time.January, 1, "Nouvel An"),
		easter(1, "Lundi de Pâques"),
		fixed(time.May, 1, "1er mai"),
		fixed(time.May, 9, "Journée de l'Europe").since(2019),
		easter(39, "Ascension"),
		easter(50, "Lundi de Pentecôte"),
		fixed(time.June, 23, "Célébration publique de l'anniversaire du Grand-Duc"),
		fixed(time.August, 15, "Assomption"),
		fixed(time.November, 1, "Toussaint"),
		fixed(time.December, 25, "Noël"),
		fixed(time.December, 26, "Saint-Étienne"),
	}}
}
