package calendar

import "time"

// switzerland has no list of its own but 1 August (article 110 of the Federal
// Constitution): cantons name their days, up to eight of them equal to a Sunday
// by article 20a of the Labour Act, and some more as days of rest. Without a
// region only the four days are holidays that all cantons name.
//
// A canton's days are those of its own law. If that law gives a day to a part
// of the canton alone, the canton has it if its chief town does: Fribourg its
// Catholic days, Aargau the list of the district of Aarau, Solothurn that of the
// town and not of Bucheggberg, Appenzell Innerrhoden Saint Maurice and not as
// Oberegg has it. Days that the law leaves to communes (Good Friday in Grisons)
// are none. Elsewhere in such a canton days are added and removed by date.
func switzerland() country {
	return country{
		code: "CH",
		rules: []rule{
			fixed(time.January, 1, "Neujahr"),
			easter(39, "Auffahrt"),
			fixed(time.August, 1, "Bundesfeier"),
			fixed(time.December, 25, "Weihnachten"),
		},
		regions: cantons(),
	}
}

// Days that several cantons have.
var (
	berchtold  = fixed(time.January, 2, "Berchtoldstag")
	epiphany   = fixed(time.January, 6, "Dreikönigstag")
	joseph     = fixed(time.March, 19, "Josefstag")
	goodFriday = easter(-2, "Karfreitag")
	easterMon  = easter(1, "Ostermontag")
	labour     = fixed(time.May, 1, "Tag der Arbeit")
	whitMonday = easter(50, "Pfingstmontag")
	corpus     = easter(60, "Fronleichnam")
	assumption = fixed(time.August, 15, "Mariä Himmelfahrt")
	allSaints  = fixed(time.November, 1, "Allerheiligen")
	conception = fixed(time.December, 8, "Mariä Empfängnis")
	stephen    = fixed(time.December, 26, "Stephanstag")

	// Not if it were the third day of rest in a row: Christmas on a Monday or
	// a Friday.
	stephenOfTwo = unlessOn(time.December, 26, "Stephanstag", time.Tuesday, time.Saturday)

	fastMonday = moving("Lundi du Jeûne fédéral", func(year int, _ Date) (Date, bool) {
		return nth(3, time.Sunday, year, time.September).AddDays(1), true
	})
)

// cantons have, besides the four days of all, those that each one's law on days of
// rest names (in Appenzell Innerrhoden GS 822.200, whose article 2 says when Saint
// Stephen's day is none).
func cantons() []region {
	in := func(code string, rules ...rule) region { return region{[]string{"CH-" + code}, rules} }
	return []region{
		in("AG", berchtold, goodFriday, easterMon, whitMonday, stephen),
		in("AI", goodFriday, easterMon, whitMonday, corpus, assumption, maurice(), allSaints, conception, stephenOfTwo),
		in("AR", goodFriday, easterMon, whitMonday, stephenOfTwo),
		in("BE", berchtold, goodFriday, easterMon, whitMonday, stephen),
		in("BL", goodFriday, easterMon, labour, whitMonday, stephen),
		in("BS", goodFriday, easterMon, labour, whitMonday, stephen),
		in("FR", goodFriday, corpus, assumption, allSaints, conception),
		in("GE", goodFriday, easterMon, whitMonday, genevaFast(), fixed(time.December, 31, "Restauration de la République")),
		in("GL", goodFriday, easterMon, naefels(), whitMonday, allSaints, stephen),
		in("GR", easterMon, whitMonday, stephen),
		in("JU", berchtold, goodFriday, easterMon, labour, whitMonday, corpus, plebiscite(), assumption, allSaints),
		in("LU", goodFriday, corpus, assumption, allSaints, conception, stephen),
		in("NE", republic(), goodFriday, labour, onlyOn(time.January, 2, "2 janvier", time.Monday), secondChristmas()),
		in("NW", joseph, goodFriday, corpus, assumption, allSaints, conception),
		in("OW", goodFriday, corpus, assumption, fixed(time.September, 25, "Bruder Klaus"), allSaints, conception),
		in("SG", goodFriday, easterMon, whitMonday, allSaints, stephen),
		in("SH", goodFriday, easterMon, labour, whitMonday, stephen),
		in("SO", goodFriday, corpus, assumption, allSaints),
		in("SZ", epiphany, joseph, goodFriday, easterMon, whitMonday, corpus, assumption, allSaints, conception, stephen),
		in("TG", berchtold, goodFriday, easterMon, labour, whitMonday, stephen),
		in("TI", epiphany, joseph, easterMon, labour, whitMonday, corpus, peterPaul(), assumption, allSaints, conception, stephen),
		in("UR", epiphany, joseph, goodFriday, easterMon, whitMonday, corpus, assumption, allSaints, conception, stephenOfTwo),
		in("VD", berchtold, goodFriday, easterMon, whitMonday, fastMonday),
		in("VS", joseph, corpus, assumption, allSaints, conception),
		in("ZG", goodFriday, corpus, assumption, allSaints, conception),
		in("ZH", goodFriday, easterMon, labour, whitMonday, stephen),
	}
}

func maurice() rule    { return fixed(time.September, 22, "St. Mauritius") }
func plebiscite() rule { return fixed(time.June, 23, "Plébiscite jurassien") }
func peterPaul() rule  { return fixed(time.June, 29, "Santi Pietro e Paolo") }
func republic() rule   { return fixed(time.March, 1, "Instauration de la République") }

// secondChristmas is a holiday in Neuchâtel if Christmas is a Sunday.
func secondChristmas() rule { return onlyOn(time.December, 26, "26 décembre", time.Monday) }

// genevaFast is the Thursday after the first Sunday of September.
func genevaFast() rule {
	return moving("Jeûne genevois", func(year int, _ Date) (Date, bool) {
		return nth(1, time.Sunday, year, time.September).AddDays(4), true
	})
}

// naefels is the first Thursday of April, a week later if that one is in Holy Week.
func naefels() rule {
	return moving("Näfelser Fahrt", func(year int, easter Date) (Date, bool) {
		d := nth(1, time.Thursday, year, time.April)
		if easter.DaysSince(d) == 3 {
			d = d.AddDays(7)
		}
		return d, true
	})
}
