package calendar

import "time"

// france has the eleven days of article L3133-1 of the Code du travail.
//
// Alsace and Moselle add Good Friday and 26 December, by article L3134-13 of the
// same code (the ordinance of 16 August 1892). Good Friday is one in communes with a
// Protestant temple or a church of both confessions; the whole region has it
// here, as all its towns do.
//
// The overseas departments, Saint-Barthélemy and Saint-Martin add the day of the
// abolition of slavery by article L3422-2. Good Friday is no holiday by law in
// any of them.
func france() country {
	good, stephen := easter(-2, "Vendredi saint"), fixed(time.December, 26, "Saint-Étienne")
	return country{
		code: "FR",
		rules: []rule{
			fixed(time.January, 1, "Jour de l'an"),
			fixed(time.May, 1, "Fête du Travail"),
			fixed(time.May, 8, "Victoire 1945"),
			fixed(time.July, 14, "Fête nationale"),
			fixed(time.August, 15, "Assomption"),
			fixed(time.November, 1, "Toussaint"),
			fixed(time.November, 11, "Armistice 1918"),
			fixed(time.December, 25, "Noël"),
			easter(1, "Lundi de Pâques"),
			easter(39, "Ascension"),
			easter(50, "Lundi de Pentecôte"),
		},
		regions: append([]region{
			{[]string{"FR-57", "FR-67", "FR-68", "FR-6AE"}, []rule{good, stephen}},
		}, overseas()...),
	}
}

// overseas are the places whose days are not those of the mainland. The codes of
// ISO 3166-2 before and since 2021 name the same five departments.
func overseas() []region {
	slavery := func(month time.Month, day int) []rule {
		return []rule{fixed(month, day, "Abolition de l'esclavage")}
	}
	return []region{
		{[]string{"FR-971", "FR-GP"}, slavery(time.May, 27)},
		{[]string{"FR-972", "FR-MQ"}, slavery(time.May, 22)},
		{[]string{"FR-973", "FR-GF"}, slavery(time.June, 10)},
		{[]string{"FR-974", "FR-RE"}, slavery(time.December, 20)},
		{[]string{"FR-976", "FR-YT"}, slavery(time.April, 27)},
		{[]string{"FR-BL"}, slavery(time.October, 9)},
		{[]string{"FR-MF"}, slavery(time.May, 27)},
		{[]string{"FR-PM"}, nil}, // article L3133-1 holds, and L3422-2 gives it no day
		// The Code du travail of New Caledonia.
		{[]string{"FR-NC"}, []rule{fixed(time.September, 24, "Fête de la citoyenneté")}},
		// The Code du travail of French Polynesia; the loi du pays adopted on 6 May
		// 2025 puts 20 November in the place of 29 June from 2026 on.
		{[]string{"FR-PF"}, []rule{
			fixed(time.March, 5, "Arrivée de l'Évangile"),
			easter(-2, "Vendredi saint"),
			fixed(time.June, 29, "Fête de l'autonomie").until(2025),
			fixed(time.November, 20, "Matari'i").since(2026),
		}},
		// What the Administration supérieure lists each year.
		{[]string{"FR-WF"}, []rule{
			fixed(time.April, 28, "Saint Pierre Chanel"),
			fixed(time.June, 29, "Saint Pierre et Saint Paul"),
			fixed(time.July, 29, "Fête du Territoire"),
		}},
	}
}
