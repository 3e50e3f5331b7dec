package config

import (
	"strings"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/escalation"
)

// ICal is where the rotation of a group is kept, if that is elsewhere.
type ICal struct {
	Group    string
	URL      Secret // absolute; the rest of it after the host may be a secret
	Every    time.Duration
	Zone     *time.Location `json:"-" yaml:"-"` // of the group
	User     string         // for basic authentication; empty: none
	Password Secret
	Token    Secret // a bearer's; empty: none
}

// How often a calendar may be asked for.
const (
	defaultICalEvery = 15 * time.Minute
	leastICalEvery   = time.Minute
	mostICalEvery    = 24 * time.Hour
)

// ical reads where a group's calendar is.
func (r *reader) ical(v value, g *contacts.Group, zone *time.Location) {
	if !v.given() {
		return
	}
	before := len(r.errors)
	t := v.table()
	c := ICal{Group: g.Key, Zone: zone, URL: NewSecret(t.need("url", "the calendar's address").hookURL())}
	every := t.get("every")
	if c.Every = every.duration(defaultICalEvery, positive); c.Every < leastICalEvery || c.Every > mostICalEvery {
		every.errorf("from a minute to a day wanted")
	}
	user, password, token := t.get("user"), t.get("password_file"), t.get("token_file")
	password.note(noteType, "file")
	token.note(noteType, "file")
	if user.given() {
		c.User, _ = user.text()
	}
	switch {
	case user.given() != password.given():
		v.errorf("user and password_file go together")
	case user.given() && token.given():
		token.errorf("user is given too: only one of them can be")
	case password.given():
		c.Password = password.secretFile()
	case token.given():
		if c.Token = token.secretFile(); strings.ContainsFunc(c.Token.Reveal(), func(c rune) bool { return c < ' ' || c == 0x7f }) {
			token.errorf("a token is one line without control characters")
		}
	}
	t.refuse("write password_file: a file that holds it", "password")
	t.refuse("write token_file: a file that holds it", "token")
	t.done()
	g.Imported = true
	if len(r.errors) == before {
		r.icals = append(r.icals, c)
	}
}

// groupPhones reads telephones that belong to a group.
func (v value) groupPhones() []string {
	var all []string
	for _, item := range v.list() {
		number, ok := item.phone()
		if !ok {
			continue
		}
		if first, twice := v.r.phones[number]; twice {
			item.errorf("%s is a number of %s: a telephone belongs to one person, or to one group", number, first)
			continue
		}
		v.r.phones[number] = strings.TrimSuffix(v.path, ".phones")
		all = append(all, number)
	}
	return all
}

// sampleNumber is the number of whoever stands in for those whom a calendar names.
const sampleNumber = "+33612345678"

// supposed are the rules with somebody always on call in each group whose rotation is
// kept elsewhere: the file does not say who, and check supposes that the calendar names
// somebody who has a telephone.
func (r *reader) supposed(rules *escalation.Rules, people []contacts.Person, groups []contacts.Group) *escalation.Rules {
	var shifts []contacts.Shift
	for i := range groups {
		if g := &groups[i]; g.Imported {
			key := "whoever the calendar of " + g.Key + " names"
			people = append(people[:len(people):len(people)], contacts.Person{Key: key, Name: key, Phones: []string{sampleNumber}})
			shifts = append(shifts, contacts.Shift{Group: g.Key, Person: key, From: r.opts.Now.AddDate(-1, 0, 0), To: r.opts.Now.AddDate(5, 0, 0)})
		}
	}
	if len(shifts) == 0 {
		return rules
	}
	d, err := contacts.NewDirectory(people, groups, nil)
	if err == nil {
		d, err = d.Import(shifts)
	}
	if err != nil {
		return rules // the directory itself says what is wrong
	}
	with := *rules
	with.Directory = d
	return &with
}
