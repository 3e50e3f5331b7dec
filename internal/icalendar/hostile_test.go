//go:build !race || long

package icalendar

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/astreinte/astreinte/internal/ticket"
)

// repeated are lines made of a form, as many as a calendar may have bytes of, or most of
// them.
func repeated(most int, form func(i int) string) string {
	var b strings.Builder
	for i := range most {
		b.WriteString(form(i))
		b.WriteString("\r\n")
		if b.Len() > ticket.MaxCalendarBody-120_000 {
			break
		}
	}
	return strings.TrimSuffix(b.String(), "\r\n")
}

// bombs are calendars that are made to cost much, each as small as it can be.
func bombs() map[string]string {
	const at = "DTSTART:20261020T070000Z\r\nDURATION:PT1H\r\n"
	days := func(i int) string { return time.Date(1970, 1, 1+i, 0, 0, 0, 0, time.UTC).Format(dayForm) }
	one := func(lines string) string {
		return of("BEGIN:VEVENT\r\nUID:1\r\nSUMMARY:Alice\r\n" + lines + "\r\nEND:VEVENT")
	}
	split := func(form func(i int) string) string { // over events, of which each has so many lines
		return of(repeated(ticket.MaxCalendarEvents, func(i int) string {
			return "BEGIN:VEVENT\r\n" + at + repeated(900, func(j int) string { return form(900*i + j) }) + "\r\nEND:VEVENT"
		}))
	}
	instead := of(repeated(ticket.MaxCalendarEvents/2-1, func(i int) string {
		begins := time.Date(2026, 10, 20, 0, 0, i, 0, time.UTC).Format(wallForm) + "Z"
		return "BEGIN:VEVENT\r\nUID:1\r\nDTSTART:" + begins + "\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:1\r\nDTSTART:" + begins + "\r\nRECURRENCE-ID:" + begins + "\r\nEND:VEVENT"
	}))
	zones := of(repeated(380, func(i int) string {
		return fmt.Sprint("BEGIN:VTIMEZONE\r\nTZID:z", i, "\r\n") + repeated(mostObservances, func(j int) string {
			return fmt.Sprintf("BEGIN:STANDARD\r\nDTSTART:197001%02dT%02d0000\r\nTZOFFSETFROM:+0000\r\nTZOFFSETTO:+%02d00\r\nRRULE:FREQ=WEEKLY;COUNT=499\r\nEND:STANDARD", 1+j/12, j%12, j%20)
		}) + "\r\nEND:VTIMEZONE"
	}), repeated(380, func(i int) string {
		return fmt.Sprint("BEGIN:VEVENT\r\nDTSTART;TZID=z", i, ":20261020T070000\r\nDURATION:PT1H\r\nEND:VEVENT")
	}))
	return map[string]string{
		"a zone by another name in each line":    split(func(i int) string { return fmt.Sprintf("EXDATE;TZID=%d/Europe/Paris:20261020T070000", i) }),
		"zones that nobody knows, of many parts": split(func(i int) string { return fmt.Sprint("EXDATE;TZID=", strings.Repeat("a/", 45), i, ":20261020T070000") }),
		"zones of many changes":                  zones,
		"each event instead of each":             instead,
		"parameters": one(at + repeated(900, func(int) string {
			return "ATTENDEE" + strings.Repeat(";abcd=", 900) + ":"
		})),
		"parameters that differ": one(at + repeated(80, func(i int) string {
			var b strings.Builder
			for j := range 10_000 {
				fmt.Fprintf(&b, ";%x=", 10_000*i+j)
			}
			return "ATTENDEE" + b.String() + ":"
		})),
		"lines of nothing":         split(func(int) string { return "UID:" }),
		"people":                   split(func(int) string { return "ATTENDEE:" }),
		"days that are taken out":  one(at + "RRULE:FREQ=HOURLY;COUNT=9000\r\n" + repeated(900, func(i int) string { return "EXDATE:" + days(i) + strings.Repeat(","+days(i), 600) })),
		"times that are taken out": one(at + "RRULE:FREQ=HOURLY;COUNT=9000\r\n" + repeated(900, func(i int) string { return "EXDATE:" + days(i) + strings.Repeat(","+days(i)+"T000000Z", 300) })),
		"more days":                one(at + repeated(900, func(i int) string { return "RDATE:" + days(i) + strings.Repeat(","+days(i), 600) })),
		"folded at each byte":      one(at + "SUMMARY:" + strings.Repeat("\r\n x", 1_000_000)),
		"alarms":                   one(at + repeated(ticket.MaxCalendarEvents-2, func(int) string { return "BEGIN:VALARM\r\nEND:VALARM" })),
		"calendars":                strings.Repeat("BEGIN:VCALENDAR\r\nX-WR-TIMEZONE:Europe/Paris\r\nEND:VCALENDAR\r\n", ticket.MaxCalendarEvents),
		"rules that never come": of(repeated(3, func(int) string {
			return "BEGIN:VEVENT\r\nDTSTART:19700101T000000Z\r\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\r\nEND:VEVENT"
		})),
		"… but once in seven years": of(repeated(60, func(int) string {
			return "BEGIN:VEVENT\r\nDTSTART:19700101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY;INTERVAL=7;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11;BYSETPOS=4000,-4000\r\nEND:VEVENT"
		})),
		"rules of places": of(repeated(20, func(int) string {
			return "BEGIN:VEVENT\r\nDTSTART:19700101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=YEARLY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23;BYYEARDAY=1,2,3,4,5,6,7,8,9;BYSETPOS=" + strings.Repeat("1,", 140) + "1\r\nEND:VEVENT"
		})),
		"each hour since long ago": of(repeated(20, func(int) string {
			return "BEGIN:VEVENT\r\nDTSTART:19700101T000000Z\r\nDURATION:PT1S\r\nRRULE:FREQ=HOURLY\r\nEND:VEVENT"
		})),
		"a turn at all times for ever": one("DTSTART:19700101T000000Z\r\nDTEND:22001231T000000Z\r\nRRULE:FREQ=HOURLY;COUNT=2147483648"),
	}
}

// TestNoCalendarCostsMuch: neither memory nor time, however it is made. Events that share a
// UID took 3.2 GB for 1.5 MB, zones that a calendar describes itself 2.8 GB for 2.3 MB.
func TestNoCalendarCostsMuch(t *testing.T) {
	for name, text := range bombs() {
		if len(text) > ticket.MaxCalendarBody {
			t.Errorf("%s: %d bytes are more than are read", name, len(text))
		}
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		began := time.Now()
		c, err := Read(t.Context(), []byte(text), options(t))
		took := time.Since(began)
		runtime.ReadMemStats(&after)
		all := (after.TotalAlloc - before.TotalAlloc) >> 20
		turns := 0
		if c != nil {
			turns = len(c.Turns)
		}
		t.Logf("%s: %d kB: %d MiB in all, %s, %d turns, %v", name, len(text)>>10, all, took.Round(time.Millisecond), turns, err)
		if all > 150 || took > 30*time.Second {
			t.Errorf("%s: %d MiB in all, %s", name, all, took)
		}
	}
}

// TestOddNumbers: what is too large, too old or too new is a doubt, and stops nothing.
func TestOddNumbers(t *testing.T) {
	const at = "DTSTART:20261020T070000Z\r\n"
	const hour = at + "DURATION:PT1H\r\n"
	for _, c := range []struct{ name, lines, want string }{
		{"two thousand million times", hour + "RRULE:FREQ=YEARLY;COUNT=2147483648", "10.20 09:00-10.20 10:00 Alice\n"},
		{"more than can be counted", hour + "RRULE:FREQ=DAILY;COUNT=99999999999999999999", "? rule Alice\n"},
		{"every 2^31 days", hour + "RRULE:FREQ=DAILY;INTERVAL=2147483647", "? rule Alice\n"},
		{"backwards", hour + "RRULE:FREQ=DAILY;INTERVAL=-1", "? rule Alice\n"},
		{"no times", hour + "RRULE:FREQ=DAILY;COUNT=-5", "? rule Alice\n"},
		{"until the end of time", hour + "RRULE:FREQ=YEARLY;UNTIL=99991231T235959Z", "10.20 09:00-10.20 10:00 Alice\n"},
		{"a place that there is not", hour + "RRULE:FREQ=MONTHLY;BYDAY=MO;BYSETPOS=367", "? rule Alice\n"},
		{"a day that there is not", hour + "RRULE:FREQ=MONTHLY;BYMONTHDAY=99", "? rule Alice\n"},
		{"the year 1", "DTSTART:00010101T000000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=DAILY", "? time Alice\n"},
		{"the year 9999", "DTSTART:99991231T235959Z\r\nDURATION:PT1H", "? time Alice\n"},
		{"it ends in the year 9999", at + "DTEND:99991231T235959Z", "? time Alice\n"},
		{"a length without end", at + "DURATION:P99999999999999D", "? time Alice\n"},
		{"a length that wraps around", at + "DURATION:PT999999H999999H999999H", "? time Alice\n"},
		{"it ends before it begins", at + "DTEND:20261019T070000Z", "? empty Alice\n"},
		{"a length below nothing", at + "DURATION:-PT1H", "? time Alice\n"},
		{"a rule that takes out", hour + "RRULE:FREQ=DAILY;COUNT=3\r\nEXRULE:FREQ=DAILY;COUNT=1", "? rule Alice\n"},
		{"a rule of two", hour + "RRULE:FREQ=DAILY;COUNT=3\r\nRRULE:FREQ=WEEKLY", "? rule Alice\n"},
		{"a day more in the year 9999", hour + "RDATE:99990101T000000Z", "? rule Alice\n"},
		{"this and all that follow", hour + "RECURRENCE-ID;RANGE=THISANDFUTURE:20261020T070000Z", "? rule Alice\n"},
		{"no number of its state", hour + "SEQUENCE:99999999999999999999", "10.20 09:00-10.20 10:00 Alice\n"},
		{"nothing in its name", hour + "UID:\x00\x00", "10.20 09:00-10.20 10:00 Alice\n"},
		{"bytes of Latin-1", strings.Replace(hour, "\r\n", "\r\nDESCRIPTION:\xe9\xe8\r\n", 1), "10.20 09:00-10.20 10:00 Alice\n"},
	} {
		o := options(t)
		got, err := Read(t.Context(), []byte(of("BEGIN:VEVENT\r\n"+c.lines+"\r\nSUMMARY:Alice\r\nEND:VEVENT")), o)
		if err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		if says := told(got, o.Zone); says != c.want {
			t.Errorf("%s:\n%swanted:\n%s", c.name, says, c.want)
		}
	}
}

// TestOddLetters: a calendar in UTF-16 is refused, and letters of Latin-1 name nobody.
func TestOddLetters(t *testing.T) {
	whole := of(event1("UID:1", "DTSTART:20261020T070000Z", "DURATION:PT1H", "SUMMARY:Zo\xeb"))
	c, err := Read(t.Context(), []byte(whole), options(t))
	if err != nil || len(c.Turns) != 1 || c.Turns[0].Who.Summary != "Zo\ufffd" {
		t.Errorf("%+v, %v", c, err)
	}
	wide := []byte{0xff, 0xfe}
	for _, unit := range utf16.Encode([]rune(whole)) {
		wide = append(wide, byte(unit), byte(unit>>8))
	}
	if c, err := Read(t.Context(), wide, options(t)); err == nil {
		t.Errorf("%+v", c)
	}
}

// TestZonesHaveABound: what a calendar names beyond its bound is a doubt, and what it
// named before goes on.
func TestZonesHaveABound(t *testing.T) {
	var events []string
	for i := range 3 * ticket.MaxCalendarZones {
		events = append(events, event1(fmt.Sprint("UID:", i), fmt.Sprintf("DTSTART;TZID=/%d/Europe/Paris:20261020T090000", i), "DURATION:PT1H", "SUMMARY:Alice"))
	}
	events = append(events, event1("UID:x", "DTSTART;TZID=/0/Europe/Paris:20261021T090000", "DURATION:PT1H", "SUMMARY:Bruno"))
	c, err := Read(t.Context(), []byte(of(events...)), options(t))
	if err != nil || len(c.Turns) != ticket.MaxCalendarZones+1 || c.Turns[len(c.Turns)-1].Who.Summary != "Bruno" || len(c.Doubts) == 0 || c.Doubts[0].Why != DoubtTime {
		t.Errorf("%d turns, %+v, %v", len(c.Turns), c.Doubts, err)
	}
}
