package words

import (
	"strconv"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
)

// OnDuty says who is on call in a group.
type OnDuty struct {
	Group  string
	People []string  // names; none: nobody is on call
	Until  time.Time // zero: for good
}

const (
	groupName    = 20 // characters for a group's name in a reply
	leastOfGroup = 30 // characters for each line, if there are several
)

// Duty says who is on call in each of the groups, and how to take over. If
// there are several groups, they are numbered.
func (r Replies) Duty(list []OnDuty) string {
	p := dutyIn(r.Lang)
	if len(list) == 1 {
		return join("\n", r.dutyLine(&list[0], "", GsmSingle-length(p.Take)-1), p.Take)
	}
	choose := lang.Fill(p.Choose, "n", "1")
	return join("\n", r.dutyLines(list, GsmSingle-length(choose)-1), choose)
}

// DutyWhich says that nothing changed, because each of these could be meant.
func (r Replies) DutyWhich(list []OnDuty) string {
	p := dutyIn(r.Lang)
	choose := lang.Fill(p.Choose, "n", "1")
	return join("\n", p.Which, r.dutyLines(list, GsmSingle-length(p.Which+choose)-2), choose)
}

// DutyTook says that whoever asks is on call from now on.
func (r Replies) DutyTook(group string, until time.Time) string {
	return r.say(dutyIn(r.Lang).Took, 0, "group", groupIn(group), "at", r.at(until))
}

// DutyGave says that the person gave back what they had taken over, and who is
// on call now.
func (r Replies) DutyGave(list []OnDuty) string { return r.dutyAfter(dutyIn(r.Lang).Gave, list) }

// DutyNothing says that there was nothing to give back, and who is on call.
func (r Replies) DutyNothing(list []OnDuty) string {
	return r.dutyAfter(dutyIn(r.Lang).NothingOut, list)
}

func (r Replies) dutyAfter(said string, list []OnDuty) string {
	if len(list) == 1 {
		return said + r.dutyLine(&list[0], "", GsmSingle-length(said))
	}
	return said + r.dutyLines(list, GsmSingle-length(said))
}

// DutyNoGroup says that no group has this number.
func (r Replies) DutyNoGroup(n int) string {
	return r.say(dutyIn(r.Lang).NoGroup, 0, "n", strconv.Itoa(n))
}

// DutyNoneOf says that whoever asks is in no group.
func (r Replies) DutyNoneOf() string { return dutyIn(r.Lang).NoneOf }

// DutyShared says that texts from a telephone of several people change
// nothing.
func (r Replies) DutyShared() string { return dutyIn(r.Lang).Shared }

// DutyWrong says what one can ask; most is the most hours.
func (r Replies) DutyWrong(most int) string {
	return r.say(dutyIn(r.Lang).Wrong, 0, "most", strconv.Itoa(most))
}

// dutyLines are as many groups as fit, numbered, and how many more there are.
func (r Replies) dutyLines(list []OnDuty, most int) string {
	for n := len(list); n > 0; n-- {
		more := ""
		if n < len(list) {
			more = "+" + strconv.Itoa(len(list)-n)
		}
		room := most - (n - 1)
		if more != "" {
			room -= len(more) + 1
		}
		if room/n < leastOfGroup && n > 1 {
			continue
		}
		lines := make([]string, n, n+1)
		for i := range lines {
			lines[i] = r.dutyLine(&list[i], strconv.Itoa(i+1)+" ", room/(n-i))
			room -= length(lines[i])
		}
		return join("\n", append(lines, more)...)
	}
	return ""
}

// dutyLine is one group in at most this many characters. Names are left out
// rather than the time.
func (r Replies) dutyLine(d *OnDuty, number string, most int) string {
	p := dutyIn(r.Lang)
	phrase := number + p.Line
	if d.Until.IsZero() {
		phrase = number + p.Always
	}
	names := []string{p.Nobody}
	if len(d.People) > 0 {
		names = make([]string, len(d.People))
		for i, n := range d.People {
			names[i] = name(n)
		}
	}
	pairs := []string{"group", groupIn(d.Group), "at", r.at(d.Until)}
	room := most - length(lang.Fill(phrase, append(pairs, "who", "")...))
	return shorten(lang.Fill(phrase, append(pairs, "who", enumerate(names, room))...), most, "..")
}

func dutyIn(tag string) *lang.DutyPhone { return &lang.In(tag).Duty.Phone }

func groupIn(key string) string { return shorten(Transliterate(key), groupName, ".") }
