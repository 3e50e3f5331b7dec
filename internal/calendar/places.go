package calendar

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// country is a country's public holidays: everywhere, by region, by city.
type country struct {
	code    string
	rules   []rule // everywhere; those of a region come on top
	regions []region
	cities  []city
}

// region is what one or more ISO 3166-2 codes have besides the country's days.
type region struct {
	codes []string
	rules []rule
}

// city has a patron saint's day. A city in a region of its own rules has these too.
type city struct {
	name   string
	region string // "" for one without holidays of its own
	rules  []rule
}

// countries are all that are known, in order of their codes.
func countries() []country {
	return []country{belgium(), switzerland(), france(), italy(), luxembourg()}
}

// Holiday is one public holiday.
type Holiday struct {
	Date Date
	Name string // in a language of the place
}

// PublicHolidays lists a year's public holidays of a place, in order of date; two
// can fall on one day (1 May and Ascension in 2008). Region and city can be "".
// A place that is not known is an [UnknownPlaceError].
//
// They are the days of the laws in force in November 2026, with those that
// changed since 2020 as they were then. What comes of usage, of agreements or
// of an office's own rules alone is not among them; neither are half days, days that
// are always a Sunday, and school holidays.
func PublicHolidays(country, region, city string, year int) ([]Holiday, error) {
	rules, err := rulesOf(country, region, city)
	if err != nil {
		return nil, err
	}
	var all []Holiday
	sunday := easterSunday(year)
	for _, r := range rules {
		if d, ok := r.in(year, sunday); ok {
			all = append(all, Holiday{d, r.name})
		}
	}
	slices.SortStableFunc(all, func(a, b Holiday) int { return a.Date.DaysSince(b.Date) })
	return all, nil
}

// Countries are the ISO 3166-1 codes of the countries whose holidays are known.
func Countries() []string {
	var codes []string
	for _, c := range countries() {
		codes = append(codes, c.code)
	}
	return codes
}

// Regions are the ISO 3166-2 codes of a country's regions that have holidays of
// their own. Any other region has the country's.
func Regions(country string) []string {
	var codes []string
	for _, c := range countries() {
		if c.code == country {
			for _, r := range c.regions {
				codes = append(codes, r.codes...)
			}
		}
	}
	return codes
}

// Cities are a country's cities whose patron saint's day is known.
func Cities(country string) []string {
	var names []string
	for _, c := range countries() {
		if c.code == country {
			for _, place := range c.cities {
				names = append(names, place.name)
			}
		}
	}
	return names
}

// UnknownPlaceError says that a country, region or city is not known, and which
// are, the nearest names first.
type UnknownPlaceError struct {
	Key   string   // "country", "region" or "city": what is wrong
	Name  string   // as it was given, cut if it is longer than any name
	Of    string   // the country; "" if it is the country that is wrong
	Known []string // the nearest of those that are known
	More  int      // how many are known besides
}

func (e *UnknownPlaceError) Error() string {
	what := fmt.Sprintf("no holidays of %s %q are known", e.Key, e.Name)
	if e.Key != "country" {
		what = fmt.Sprintf("%s has no %s %q with holidays of its own", e.Of, e.Key, e.Name)
	}
	if len(e.Known) == 0 {
		return what + ": leave it out"
	}
	what += "; there is " + strings.Join(e.Known, ", ")
	if e.More > 0 {
		what += fmt.Sprintf(" and %d more", e.More)
	}
	return what
}

// rulesOf are the rules of a place, none if no country is given.
func rulesOf(code, regionCode, cityName string) ([]rule, error) {
	if code == "" {
		if regionCode != "" || cityName != "" {
			return nil, &UnknownPlaceError{Key: "country", Known: Countries()}
		}
		return nil, nil
	}
	all := countries()
	i := slices.IndexFunc(all, func(c country) bool { return c.code == code })
	if i < 0 {
		return nil, unknown("country", code, "", Countries())
	}
	of := all[i]
	rules := of.rules
	if cityName != "" {
		j := slices.IndexFunc(of.cities, func(c city) bool { return fold(c.name) == fold(cityName) })
		if j < 0 {
			return nil, unknown("city", cityName, code, Cities(code))
		}
		found := of.cities[j]
		rules = slices.Concat(rules, found.rules)
		regionCode = cmp.Or(regionCode, found.region)
	}
	if regionCode != "" {
		j := slices.IndexFunc(of.regions, func(r region) bool { return slices.Contains(r.codes, regionCode) })
		if j < 0 {
			return nil, unknown("region", regionCode, code, Regions(code))
		}
		rules = slices.Concat(rules, of.regions[j].rules)
	}
	return rules, nil
}

// Bounds of an error's text: the names that it lists, and the letters of the one that
// is wrong.
const mostNames, mostLetters = 8, 40

func unknown(key, name, of string, known []string) *UnknownPlaceError {
	meant := fold(name)
	slices.SortStableFunc(known, func(a, b string) int {
		return cmp.Compare(distance(fold(a), meant), distance(fold(b), meant))
	})
	if letters := []rune(name); len(letters) > mostLetters {
		name = string(letters[:mostLetters]) + "…"
	}
	listed := known[:min(len(known), mostNames)]
	return &UnknownPlaceError{Key: key, Name: name, Of: of, Known: listed, More: len(known) - len(listed)}
}

// fold is a name without capitals, accents of Italian, spaces and marks, no longer
// than any name that is known.
func fold(name string) string {
	var b strings.Builder
	for _, r := range name {
		if b.Len() >= mostLetters {
			break
		}
		r = unicode.ToLower(r)
		if i := strings.IndexRune("àèéìòù", r); i >= 0 {
			r = map[rune]rune{'à': 'a', 'è': 'e', 'é': 'e', 'ì': 'i', 'ò': 'o', 'ù': 'u'}[r]
		}
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			b.WriteRune(r)
		}
	}
	return b.String()
}

// distance is how many letters have to be put in, left out or changed to make a of b.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		corner := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := corner
			if a[i] != b[j] {
				change++
			}
			corner = row[j+1]
			row[j+1] = min(change, row[j+1]+1, row[j]+1)
		}
	}
	return row[len(b)]
}
