package config

import (
	"regexp"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/calendar"
)

// DutyReport is how duty is counted afterwards.
type DutyReport struct {
	Employer string // as the monthly document names it; may be empty
	// Hours are the house's working hours; their holidays are the public ones.
	Hours   *calendar.Calendar
	HoursOf map[string]*calendar.Calendar // those of groups that have others
	// Currency and Cents are what an hour gives right to, in hundredths, by the kind of
	// hour; a kind that is not there has no rate.
	Currency string
	Cents    map[string]int64
}

// The working hours where none are named: Monday to Friday, without holidays.
const workFrom, workTo = 9 * 60, 18 * 60

// paidKinds are the kinds of hours that can have a rate.
func paidKinds() []string {
	return []string{"working", "evening", "night", "weekend", "holiday", "intervention"}
}

func (r *reader) dutyReport(v value, calendars map[string]*calendar.Calendar) DutyReport {
	t := v.table()
	report := DutyReport{Employer: t.get("employer").textOr(""), Hours: t.get("hours").workingHours(calendars), HoursOf: r.hoursOf}
	currency := t.get("currency")
	if report.Currency = currency.textOr("EUR"); !currencyCode.MatchString(report.Currency) {
		currency.errorf("a code of ISO 4217 like EUR or CHF wanted, not %q", report.Currency)
	}
	paid := t.get("compensation").table()
	for _, kind := range paidKinds() {
		if cents, ok := paid.get(kind).amount(); ok {
			if report.Cents == nil {
				report.Cents = map[string]int64{}
			}
			report.Cents[kind] = cents
		}
	}
	paid.done()
	t.done()
	switch hours := t.get("hours"); {
	case report.Hours != nil && !report.Hours.HasHolidays():
		hours.warnf("calendar %q has no holidays: in the duty report a public holiday counts as any other day", report.Hours.Name())
	case v.given() && !hours.given():
		hours.warnf("no calendar is named: the working hours are Monday to Friday, 09:00 to 18:00, and in the duty report a public holiday counts as any other day")
	}
	if report.Hours == nil {
		report.Hours = usualHours(r.location)
	}
	return report
}

func usualHours(loc *time.Location) *calendar.Calendar {
	spans := []calendar.Span{{Days: []time.Weekday{1, 2, 3, 4, 5}, From: workFrom, To: workTo}}
	c, err := calendar.New("Monday to Friday", loc, spans, calendar.Holidays{})
	if err != nil { // nothing of it comes from outside
		panic(err)
	}
	return c
}

// workingHours reads the name of a calendar that opens and closes; nil if none is named.
func (v value) workingHours(calendars map[string]*calendar.Calendar) *calendar.Calendar {
	c := calendars[v.name("calendar")]
	if c != nil && c.Location() == nil {
		v.errorf("%s never closes: the calendar of working hours wanted", c.Name())
		return nil
	}
	return c
}

var (
	currencyCode = regexp.MustCompile(`^[A-Z]{3}$`)
	amountForm   = regexp.MustCompile(`^([0-9]{1,6})(?:\.([0-9]{1,2}))?$`)
)

// amount reads money, in hundredths.
func (v value) amount() (cents int64, ok bool) {
	text, ok := v.scalar("an amount like \"12.50\"", "!!str", "!!int", "!!float")
	if !ok {
		return 0, false
	}
	parts := amountForm.FindStringSubmatch(text)
	if parts == nil {
		v.errorf("%q is no amount: write it as \"12.50\"", text)
		return 0, false
	}
	whole, _ := strconv.ParseInt(parts[1], 10, 64) // six digits
	part, _ := strconv.ParseInt((parts[2] + "00")[:2], 10, 64)
	return 100*whole + part, true
}
