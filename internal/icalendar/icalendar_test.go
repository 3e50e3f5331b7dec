package icalendar

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	in, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// paris reads what a calendar says of the weeks about the end of summer time 2026, in
// Paris.
func options(t testing.TB) Options {
	t.Helper()
	in := zone(t, "Europe/Paris")
	return Options{Zone: in, From: time.Date(2026, 10, 1, 0, 0, 0, 0, in), To: time.Date(2026, 11, 15, 0, 0, 0, 0, in)}
}

// of wraps lines into a calendar.
func of(lines ...string) string {
	return "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VCALENDAR\r\n"
}

// an event with these lines.
func event1(lines ...string) string {
	return "BEGIN:VEVENT\r\nDTSTAMP:20260101T000000Z\r\n" + strings.Join(lines, "\r\n") + "\r\nEND:VEVENT"
}

// told writes turns as "24 09:00-31 09:00 Alice", in Paris.
func told(c *Calendar, in *time.Location) string {
	var b strings.Builder
	for _, t := range c.Turns {
		who := t.Who.Summary
		for _, a := range t.Who.Attendees {
			who += "<" + a.Name + "," + a.Mail + ">"
		}
		fmt.Fprintf(&b, "%s-%s %s\n", t.From.In(in).Format("1.2 15:04"), t.To.In(in).Format("1.2 15:04"), who)
	}
	for _, d := range c.Doubts {
		fmt.Fprintf(&b, "? %s %s\n", d.Why, d.Summary)
	}
	return b.String()
}

const outlookZone = `BEGIN:VTIMEZONE
TZID:Firm's own
BEGIN:STANDARD
DTSTART:16010101T030000
TZOFFSETFROM:+0200
TZOFFSETTO:+0100
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
END:STANDARD
BEGIN:DAYLIGHT
DTSTART:16010101T020000
TZOFFSETFROM:+0100
TZOFFSETTO:+0200
RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
END:DAYLIGHT
END:VTIMEZONE`

// TestRead: what calendars say, case by case, over the end of summer time (25.10.2026).
func TestRead(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"an instant", of(event1("UID:1", "DTSTART:20261021T070000Z", "DTEND:20261021T190000Z", "SUMMARY:Alice")), "10.21 09:00-10.21 21:00 Alice\n"},
		{"a day is of the reader's zone", of("X-WR-TIMEZONE:Asia/Kolkata", event1("UID:1", "DTSTART;VALUE=DATE:20261024", "DTEND;VALUE=DATE:20261026", "SUMMARY:Alice")), "10.24 00:00-10.26 00:00 Alice\n"},
		{"a day without an end", of(event1("UID:1", "DTSTART;VALUE=DATE:20261025", "SUMMARY:Alice")), "10.25 00:00-10.26 00:00 Alice\n"},
		{"a floating time is the reader's", of(event1("UID:1", "DTSTART:20261021T090000", "DTEND:20261021T210000", "SUMMARY:Alice")), "10.21 09:00-10.21 21:00 Alice\n"},
		{"… or the calendar's", of("X-WR-TIMEZONE:Asia/Kolkata", event1("UID:1", "DTSTART:20261021T090000", "DTEND:20261021T210000", "SUMMARY:Alice")), "10.21 05:30-10.21 17:30 Alice\n"},
		{"a zone of the database", of(event1("UID:1", "DTSTART;TZID=America/New_York:20261021T090000", "DURATION:PT8H", "SUMMARY:Alice")), "10.21 15:00-10.21 23:00 Alice\n"},
		{"… with a prefix", of(event1("UID:1", `DTSTART;TZID="/mozilla.org/20050126_1/America/New_York":20261021T090000`, "DURATION:PT8H", "SUMMARY:Alice")), "10.21 15:00-10.21 23:00 Alice\n"},
		{"a zone of Windows", of(event1("UID:1", `DTSTART;TZID="W. Europe Standard Time":20261021T090000`, "DURATION:PT8H", "SUMMARY:Alice")), "10.21 09:00-10.21 17:00 Alice\n"},
		{"a zone of the calendar's own", of(strings.ReplaceAll(outlookZone, "\n", "\r\n"), event1("UID:1", `DTSTART;TZID=Firm's own:20261024T090000`, `DTEND;TZID=Firm's own:20261026T090000`, "SUMMARY:Alice")), "10.24 09:00-10.26 09:00 Alice\n"},
		{"a zone that nobody knows", of(event1("UID:1", `DTSTART;TZID=Nowhere:20261024T090000`, "DURATION:PT8H", "SUMMARY:Alice")), "? time Alice\n"},
		{"the machine's zone is none", of(event1("UID:1", `DTSTART;TZID=Local:20261024T090000`, "DURATION:PT8H", "SUMMARY:Alice")), "? time Alice\n"},
		{
			"weeks end on the clock's nine", of(event1("UID:1", "DTSTART;TZID=Europe/Paris:20261015T090000", "DTEND;TZID=Europe/Paris:20261022T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2", "SUMMARY:Alice"), event1("UID:2", "DTSTART;TZID=Europe/Paris:20261008T090000", "DTEND;TZID=Europe/Paris:20261015T090000", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=2", "SUMMARY:Bruno")),
			"10.8 09:00-10.15 09:00 Bruno\n10.15 09:00-10.22 09:00 Alice\n10.22 09:00-10.29 09:00 Bruno\n10.29 09:00-11.5 09:00 Alice\n11.12 09:00-11.19 09:00 Alice\n",
		},
		{
			"a day is taken out, one is moved, one is called off", of(
				event1("UID:1", "DTSTART;TZID=Europe/Paris:20261020T200000", "DTEND;TZID=Europe/Paris:20261021T080000", "RRULE:FREQ=DAILY;UNTIL=20261025T200000Z", "EXDATE;TZID=Europe/Paris:20261021T200000", "SUMMARY:Alice"),
				event1("UID:1", "RECURRENCE-ID;TZID=Europe/Paris:20261022T200000", "DTSTART;TZID=Europe/Paris:20261022T220000", "DTEND;TZID=Europe/Paris:20261023T080000", "SUMMARY:Bruno"),
				event1("UID:1", "RECURRENCE-ID:20261023T180000Z", "DTSTART;TZID=Europe/Paris:20261023T200000", "DTEND;TZID=Europe/Paris:20261024T080000", "STATUS:CANCELLED", "SUMMARY:Alice")),
			"10.20 20:00-10.21 08:00 Alice\n10.22 22:00-10.23 08:00 Bruno\n10.24 20:00-10.25 08:00 Alice\n10.25 20:00-10.26 08:00 Alice\n",
		},
		{"more days", of(event1("UID:1", "DTSTART:20261020T070000Z", "DTEND:20261020T080000Z", "RDATE:20261022T070000Z", "RDATE;VALUE=PERIOD:20261023T070000Z/PT3H", "SUMMARY:Alice")), "10.20 09:00-10.20 10:00 Alice\n10.22 09:00-10.22 10:00 Alice\n10.23 09:00-10.23 12:00 Alice\n"},
		{"a later state of an event", of(event1("UID:1", "SEQUENCE:2", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Alice"), event1("UID:1", "SEQUENCE:1", "DTSTART:20261020T070000Z", "DURATION:PT2H", "SUMMARY:Bruno")), "10.20 09:00-10.20 10:00 Alice\n"},
		{"one UID for all", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Alice"), event1("UID:1", "DTSTART:20261020T080000Z", "DURATION:PT1H", "SUMMARY:Bruno")), "10.20 09:00-10.20 10:00 Alice\n10.20 10:00-10.20 11:00 Bruno\n"},
		{"called off", of(event1("UID:1", "STATUS:CANCELLED", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Alice")), ""},
		{"it makes nobody busy", of(event1("UID:1", "TRANSP:TRANSPARENT", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Alice")), "10.20 09:00-10.20 10:00 Alice\n"},
		{
			"attendees", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:On\\, call", `ATTENDEE;CN="Martin; Alice";ROLE=REQ-PARTICIPANT:mailto:alice@example.net`, "ATTENDEE;PARTSTAT=DECLINED:MAILTO:bruno@example.net", "ATTENDEE:urn:x")),
			"10.20 09:00-10.20 10:00 On, call<Martin; Alice,alice@example.net>\n",
		},
		{"an alarm's lines are its own", of(event1("UID:1", "DTSTART:20261020T070000Z", "BEGIN:VALARM", "DURATION:PT5M", "SUMMARY:Wake up", "ATTENDEE:mailto:x@example.net", "END:VALARM", "DURATION:PT1H", "SUMMARY:Alice")), "10.20 09:00-10.20 10:00 Alice\n"},
		{"it ends when it begins", of(event1("UID:1", "DTSTART:20261020T070000Z", "DTEND:20261020T070000Z", "SUMMARY:Alice")), "? empty Alice\n"},
		{"each second", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1S", "RRULE:FREQ=SECONDLY", "SUMMARY:Alice"), event1("UID:2", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Bruno")), "10.20 09:00-10.20 10:00 Bruno\n? rule Alice\n"},
		{"each minute by the hour", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1S", "RRULE:FREQ=DAILY;BYHOUR=1;BYMINUTE=1,2,3", "SUMMARY:Alice")), "? rule Alice\n"},
		{"a day that does not exist", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "SUMMARY:Alice")), "10.20 09:00-10.20 10:00 Alice\n"},
		{"half a line, a description that is broken", of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "DESCRIPTION:one\r\ntwo without a colon", "SUMMARY:Ali\r\n ce")), "10.20 09:00-10.20 10:00 Alice\n"},
		{"no event", of(), ""},
	} {
		o := options(t)
		got, err := Read(t.Context(), []byte(c.in), o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if says := told(got, o.Zone); says != c.want {
			t.Errorf("%s:\n%swanted:\n%s", c.name, says, c.want)
		}
	}
}

// TestWhatIsNoCalendar is refused whole, with why.
func TestWhatIsNoCalendar(t *testing.T) {
	whole := of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Alice"))
	many := of(strings.TrimSuffix(strings.Repeat(event1("UID:1", "DTSTART:20261020T070000Z")+"\r\n", ticket.MaxCalendarEvents), "\r\n"))
	for _, c := range []struct{ name, in, want string }{
		{"nothing", "", "it is no calendar"},
		{"a page", "<!doctype html>\n<title>Sign in: please</title>", "it is no calendar"},
		{"a calendar, then a page", whole + "<html>\n", "it is no calendar"},
		{"cut off", whole[:len(whole)-16], "it is cut off"},
		{"ends that do not fit", of("BEGIN:VEVENT", "END:VTODO"), "VTODO ends within VEVENT"},
		{"nested", strings.Repeat("BEGIN:VCALENDAR\r\n", 100_000), "it is nested more than"},
		{"too many", many, "it has more than"},
		{"too long", whole + strings.Repeat("\r\n", ticket.MaxCalendarBody), "bytes"},
		{"each hour for a year", of(strings.TrimSuffix(strings.Repeat(event1("DTSTART:20260101T000000Z", "DURATION:PT1H", "RRULE:FREQ=HOURLY", "SUMMARY:x")+"\r\n", 6), "\r\n")), "it has more than"},
	} {
		if _, err := Read(t.Context(), []byte(c.in), options(t)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Read(ctx, []byte(whole), options(t)); err == nil {
		t.Error("an end of the context was not looked at")
	}
}

// TestFoldingAndLength: a line that is folded at each byte, and one of 4 MB, cost no
// more than their bytes.
func TestFoldingAndLength(t *testing.T) {
	folded := "SUMMARY:" + strings.Repeat("\r\n x", 500_000)
	long := "DESCRIPTION:" + strings.Repeat("y", 2<<20)
	began := time.Now()
	c, err := Read(t.Context(), []byte(of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", folded, long))), options(t))
	if err != nil || len(c.Turns) != 1 || len(c.Turns[0].Who.Summary) > ticket.MaxCalendarName {
		t.Fatalf("%v %v", c, err)
	}
	if took := time.Since(began); took > 30*time.Second { // 60 ms on an idle machine; hours if a fold copied what is before it
		t.Errorf("%s", took)
	}
}

// TestZonesOfACalendar have the offsets of the zone that they describe, at each hour of
// two years.
func TestZonesOfACalendar(t *testing.T) {
	in := zone(t, "Europe/Paris")
	parts, err := parse([]byte(of(strings.ReplaceAll(outlookZone, "\n", "\r\n"))))
	if err != nil {
		t.Fatal(err)
	}
	from := time.Date(2025, 6, 1, 0, 0, 0, 0, time.UTC)
	got := custom(t.Context(), parts[0].children[0], from.AddDate(3, 0, 0))
	if got == nil {
		t.Fatal("no zone")
	}
	for at := from; at.Before(from.AddDate(2, 0, 0)); at = at.Add(time.Hour) {
		_, want := at.In(in).Zone()
		if _, offset := at.In(got).Zone(); offset != want {
			t.Fatalf("%s: %d, wanted %d", at, offset, want)
		}
	}
}

// TestWindowsNames lead to zones.
func TestWindowsNames(t *testing.T) {
	for name, olson := range windows {
		if in := named(name); in == nil || in.String() != olson {
			t.Errorf("%s: %v, wanted %s", name, in, olson)
		}
	}
}

// FuzzRead: whatever comes is read or refused in time, within its bounds, and each turn
// ends after it begins.
func FuzzRead(f *testing.F) {
	f.Add([]byte(of(event1("UID:1", "DTSTART;TZID=Europe/Paris:20261020T200000", "DTEND;TZID=Europe/Paris:20261021T080000", "RRULE:FREQ=DAILY;UNTIL=20261025T200000Z", "EXDATE:20261021T200000Z", "SUMMARY:Alice"))))
	f.Add([]byte(of(strings.ReplaceAll(outlookZone, "\n", "\r\n"), event1("UID:1", `DTSTART;TZID=Firm's own:20261024T090000`, "DURATION:P1W", "RRULE:FREQ=MONTHLY;BYDAY=1MO,-1FR;BYSETPOS=1"))))
	f.Add([]byte(of(event1("DTSTART;VALUE=DATE:20261020", "RDATE;VALUE=PERIOD:20261023T070000Z/PT3H", "RECURRENCE-ID:20261020", `ATTENDEE;CN="x":mailto:y@z`))))
	f.Add([]byte("<html>"))
	f.Fuzz(func(t *testing.T, body []byte) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		o := Options{Zone: time.UTC, From: time.Unix(1_790_000_000, 0), To: time.Unix(1_800_000_000, 0)}
		c, err := Read(ctx, body, o)
		if err != nil {
			return
		}
		if len(c.Turns) > ticket.MaxCalendarTurns {
			t.Errorf("%d turns", len(c.Turns))
		}
		for _, turn := range c.Turns {
			if !turn.From.Before(turn.To) || !turn.From.Before(o.To) || !turn.To.After(o.From) || len(turn.Who.Attendees) > ticket.MaxCalendarAttendees {
				t.Errorf("%+v", turn)
			}
		}
	})
}

// BenchmarkRead reads a calendar of a year and more of twelve-hour turns, each an event
// of its own, and one that says as much by two rules.
func BenchmarkRead(b *testing.B) {
	o := Options{Zone: time.UTC, From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC)}
	var events []string
	for i := range 1460 {
		at := o.From.Add(time.Duration(i) * 12 * time.Hour)
		events = append(events, event1(fmt.Sprint("UID:", i), "DTSTART:"+at.Format("20060102T150405Z"), "DURATION:PT12H", fmt.Sprint("SUMMARY:P", i%7)))
	}
	rules := of(event1("UID:1", "DTSTART:20260101T000000Z", "DURATION:PT12H", "RRULE:FREQ=DAILY", "SUMMARY:Alice"), event1("UID:2", "DTSTART:20260101T120000Z", "DURATION:PT12H", "RRULE:FREQ=DAILY", "SUMMARY:Bruno"))
	for name, text := range map[string]string{"events": of(events...), "rules": rules} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				c, err := Read(b.Context(), []byte(text), o)
				if err != nil || len(c.Turns) != 1460 {
					b.Fatal(len(c.Turns), err)
				}
			}
		})
	}
}
