package config

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/astreinte/astreinte/contacts"
)

func (r *reader) people(v value) []contacts.Person {
	var all []contacts.Person
	for _, e := range v.entries("person") {
		t := e.table()
		p := contacts.Person{
			Key: e.key, Name: t.get("name").textOr(e.key),
			Phones:   t.get("phones").phones(),
			Email:    t.get("email").email(),
			Language: t.get("language").language(""),
			Skill:    t.get("skill").oneOf("skill", "standard", "confirmed", "expert"),
			Role:     contacts.RoleTechnician,
		}
		role := t.get("role")
		role.note(noteDefault, string(p.Role))
		if role := role.oneOf("role", string(contacts.RoleTechnician), string(contacts.RoleManager)); role != "" {
			p.Role = contacts.Role(role)
		}
		if phones := t.child("phones"); !phones.given() || phones.n.kind == list && len(phones.n.items) == 0 {
			e.warnf("%s has no phone", p.Name)
		}
		t.refuse("write phones: a list, the preferred number first", "phone")
		t.refuse(notYet, "by", "chat", "time_zone", "quiet")
		t.done()
		all = append(all, p)
	}
	return all
}

func (v value) phones() []string {
	var all []string
	for _, item := range v.list() {
		number, ok := item.phone()
		if !ok {
			continue
		}
		all = append(all, number)
		if first, twice := v.r.phones[number]; twice {
			item.warnf("%s is the number of %s too: an answer from it is of either", number, first)
		} else {
			v.r.phones[number] = strings.TrimSuffix(v.path, ".phones")
		}
	}
	return all
}

// phone reads a number in E.164.
func (v value) phone() (string, bool) {
	text, ok := v.scalar("a phone number like \"+33612345601\"", "!!str", "!!int")
	if !ok {
		return "", false
	}
	return text, v.checkPhone(text, "is no phone number")
}

// checkPhone refuses what cannot be a phone number, and warns of one that its
// country has not given out: numbering plans change faster than programs.
func (v value) checkPhone(text, is string) bool {
	if why := wrongPhone(text); why != "" {
		v.errorf("%q %s: %s", text, is, why)
		return false
	}
	if number, err := phonenumbers.Parse(text, ""); err == nil && !phonenumbers.IsValidNumber(number) {
		where := phonenumbers.GetRegionCodeForCountryCode(int(number.GetCountryCode()))
		v.warnf("%q may be a mistake: no such number is known in %s", text, where)
	}
	return true
}

// wrongPhone says what is wrong with a number, nothing if it is right.
func wrongPhone(text string) string {
	if !strings.HasPrefix(text, "+") {
		return "it begins with + and the country, like +33612345601"
	}
	number, err := phonenumbers.Parse(text, "")
	if err != nil {
		return "+ and the country's number wanted, like +33612345601"
	}
	if !phonenumbers.IsPossibleNumber(number) {
		return "it is too long or too short for its country"
	}
	if e164 := phonenumbers.Format(number, phonenumbers.E164); e164 != text {
		return "write it as " + e164
	}
	return ""
}

func (r *reader) groups(v value) []contacts.Group {
	var all []contacts.Group
	for _, e := range v.entries("group") {
		t := e.table()
		g := contacts.Group{Key: e.key, People: t.get("people").namesOf("person")}
		for _, item := range t.get("rotations").list() {
			g.Rotations = append(g.Rotations, r.rotation(item))
		}
		t.refuse(notYet, "overrides", "tier", "calendar", "schedule")
		t.done()
		all = append(all, g)
	}
	return all
}

// Where a handover is not said: Thursday (S1-53), at nine.
const (
	defaultHandoverDay  = 4
	defaultHandoverHour = 9
)

func (r *reader) rotation(v value) contacts.Rotation {
	t := v.table()
	people := t.need("people", "people who take turns")
	rotation := contacts.Rotation{
		People: people.namesOf("person"), Location: r.location,
		Weeks: t.get("weeks").integer(1, 1),
	}
	if people.given() && people.n.kind == list && len(people.n.items) == 0 {
		people.errorf("nobody is in it")
	}
	if rotation.Weeks > 520 {
		t.child("weeks").errorf("a turn lasts 520 weeks at most")
	}
	handover := t.get("handover").table()
	rotation.Handover = contacts.Handover{Day: defaultHandoverDay}
	on := handover.get("day")
	on.note(noteDefault, weekdays[defaultHandoverDay])
	if day, ok := on.weekday(); ok {
		rotation.Handover.Day = day
	}
	rotation.Handover.Hour, rotation.Handover.Minute = handover.get("time").clock(defaultHandoverHour, 0)
	handover.done()
	first := t.need("first", "the day on which the first of them takes over")
	if d, ok := first.date(); ok {
		rotation.First = d
		if d.Weekday() != rotation.Handover.Day {
			first.warnf("%s is a %s: the first turn begins at the %s after it", d, d.Weekday(), rotation.Handover.Day)
		}
	}
	t.done()
	return rotation
}
