package config

import (
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/calendar"
)

func (r *reader) people(v value, calendars map[string]*calendar.Calendar) []contacts.Person {
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
		if role := role.oneOf("role", "reader", "technician", "manager", "admin"); role != "" {
			p.Role = contacts.Role(role)
		}
		r.limits = append(r.limits, t.get("customers"))
		if phones := t.child("phones"); !phones.given() || phones.n.kind == list && len(phones.n.items) == 0 {
			e.warnf("%s has no phone", p.Name)
		}
		t.refuse("write phones: a list, the preferred number first", "phone")
		p.Wake, p.Quiet = r.wake(t.get("wake")), t.get("quiet").quietHours(calendars)
		p.Chat = r.accounts(t.get("chat"))
		t.refuse(notYet, "by", "time_zone")
		t.done()
		all = append(all, p)
	}
	return all
}

// limited reads whose tickets people see, once it is known which customers there are.
func (r *reader) limited(people []contacts.Person) {
	for i := range people {
		people[i].Customers = r.limits[i].customersOf(people[i].Role)
	}
}

// customersOf reads whose tickets a person sees. It limits those alone who have no desk to
// run.
func (v value) customersOf(role contacts.Role) []string {
	customers := v.namesOf("customer")
	switch {
	case !v.given():
	case role == contacts.RoleManager || role == contacts.RoleAdmin:
		v.errorf("whoever is %s sees everything: leave it out, or give another role", role)
	case v.n.kind == list && len(v.n.items) == 0:
		v.errorf("nobody's tickets: name a customer, or leave it out to see everybody's")
	}
	return customers
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

// checkPhone refuses what cannot be a phone number. It only warns of a number
// that its country has not given out: numbering plans change faster than
// programs.
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

// wrongPhone says what is wrong with a number; nothing if it is right.
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
