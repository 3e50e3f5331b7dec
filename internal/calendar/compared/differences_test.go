package compared

// difference is a day that one of both has and the other has not.
type difference struct {
	places string // ours; "CH*" for all of a country
	has    string // who has it: "ours" or "theirs"
	what   string // our name of it, or date-holidays' rule
	on     string // the dates, if it is not each time
	why    string // who is right, and by what source
}

// Sources that several rows have.
const (
	sunday   = "ours: it is always a Sunday, which is no holiday of its own (docs/adr/0036-holidays.md)"
	counted  = "ours, by the Swiss news agency's count of the days of chief towns of 28 December 2014"
	antilles = "ours: article L3422-2 of the Code du travail gives a day to the abolition of slavery alone; Good Friday is usage"
	halfDay  = "ours: half a day is none (docs/adr/0036-holidays.md)"
	noCanton = "ours: without a canton the days that all have; this one is not in Ticino, Valais, Fribourg, Vaud or another"
	stephens = "ours: Christmas on a Monday or Friday takes it away (hallo-ar.ch; GS 822.200 of the other Appenzell), so it is none on a Tuesday or Saturday"
	uri      = "ours, as in both Appenzells: Monday and Friday are Christmas's days, not the 26th's; the law of Uri was not at hand"
	naefels  = "ours: the first Thursday of April, as the government of Glarus said in January 2023; the 1st can be one"
)

// differences are all that there are.
var differences = []difference{
	{places: "CH* IT*", has: "theirs", what: "easter", why: sunday},
	{places: "CH*", has: "theirs", what: "easter 49", why: sunday},
	{places: "CH*", has: "theirs", what: "3rd sunday after 09-01", why: sunday},

	{places: "FR-971 FR-GP FR-972 FR-MQ", has: "theirs", what: "easter -2", why: antilles},
	{places: "Firenze", has: "ours", what: "San Giovanni Battista", why: "ours: they call it optional; whoever names the city asks for its saint"},

	{places: "CH", has: "theirs", what: "easter -2", why: noCanton},
	{places: "CH", has: "theirs", what: "easter 1", why: noCanton},
	{places: "CH", has: "theirs", what: "easter 50", why: noCanton},
	{places: "CH", has: "theirs", what: "12-26", why: noCanton},

	// The canton is the district of Aarau here; these are days of others.
	{places: "CH-AG", has: "theirs", what: "05-01", why: counted},
	{places: "CH-AG", has: "theirs", what: "easter 60", why: counted},
	{places: "CH-AG", has: "theirs", what: "08-15", why: counted},
	{places: "CH-AG", has: "theirs", what: "11-01", why: counted},
	{places: "CH-AG", has: "theirs", what: "12-08", why: counted},

	{places: "CH-AI", has: "ours", what: "Mariä Empfängnis", why: "ours: ai.ch lists it, by the canton's Ruhetagsgesetz (GS 822.200)"},
	{places: "CH-AR", has: "theirs", what: "12-26 not on monday", on: "2020-12-26 2023-12-26 2026-12-26 2028-12-26 2034-12-26 2037-12-26", why: stephens},
	{places: "CH-AR", has: "ours", what: "Stephanstag", on: "2022-12-26 2033-12-26 2039-12-26", why: stephens},
	{places: "CH-UR", has: "theirs", what: "12-26 not on monday, friday", on: "2020-12-26 2023-12-26 2026-12-26 2028-12-26 2034-12-26 2037-12-26", why: uri},
	{places: "CH-UR", has: "ours", what: "Stephanstag", on: "2022-12-26 2025-12-26 2031-12-26 2033-12-26 2036-12-26 2039-12-26", why: uri},
	{places: "CH-GL", has: "theirs", what: "Thursday after 04-02 if is observance holiday then next Thursday", on: "2027-04-08 2032-04-08 2038-04-08", why: naefels},
	{places: "CH-GL", has: "ours", what: "Näfelser Fahrt", on: "2027-04-01 2032-04-01 2038-04-01", why: naefels},
	{places: "CH-GL", has: "theirs", what: "12-24", why: counted},
	{places: "CH-GL", has: "theirs", what: "12-31", why: counted},
	{places: "CH-NE", has: "theirs", what: "easter 1", why: counted},
	{places: "CH-NE", has: "theirs", what: "easter 60", why: "ours: a day of Le Landeron and Le Cerneux-Péquignot alone"},
	{places: "CH-SO", has: "theirs", what: "03-19", why: "ours: a day of eight communes, as date-holidays notes itself"},
	{places: "CH-SO", has: "theirs", what: "05-01 12:00", why: halfDay},
	{places: "CH-VS", has: "theirs", what: "05-01 12:00", why: halfDay},
	{places: "CH-VS", has: "theirs", what: "12-24 12:00", why: halfDay},
	{places: "CH-VS", has: "theirs", what: "easter 50", why: counted},
}
