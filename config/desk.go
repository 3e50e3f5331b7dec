package config

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/ticket"
)

// desk reads how people qualify tickets.
func (r *reader) desk(v value) escalation.Desk {
	t := v.table()
	d := escalation.Desk{
		Urgency: t.get("urgency").urgencyTable(),
		Fields:  t.get("fields").fieldRules(), Categories: t.get("categories").categories(),
		Domains: t.get("domains").wordList(), Services: t.get("services").wordList(),
		Labels: t.get("labels").urgencyLabels(), Numbers: t.get("numbers").numbers(),
		Tiers:  t.get("escalate").tierRules(),
		Deputy: t.get("deputy").name("person"), ReopenFor: t.get("reopen_for").reopenFor(),
		Meeting: t.get("meeting").meeting(),
	}
	t.refuse(notYet, "rating")
	t.done()
	return d
}

// urgencyTable reads rows that propose an urgency. Nil: none is given.
func (v value) urgencyTable() ticket.UrgencyTable {
	if !v.given() {
		v.list()
		return nil
	}
	table := ticket.UrgencyTable{}
	names := urgencyNames()
	for i, item := range v.list() {
		if i == ticket.MaxUrgencyRows {
			item.errorf("%d rows at most", ticket.MaxUrgencyRows)
			break
		}
		t := item.table()
		row := ticket.UrgencyRow{}
		for _, name := range ticket.UrgencyFields() {
			f, _ := ticket.FindField(name)
			if is := t.get(name).anyOf(name, f.Words); len(is) > 0 {
				row.When = append(row.When, ticket.Condition{Field: name, Is: is})
			}
		}
		if name := t.need("urgency", either(names)).oneOf("urgency", names...); name != "" {
			row.Urgency, _ = ticket.ParseUrgency(name)
		}
		t.done()
		for j := range table {
			if shadows(&table[j], &row) {
				item.warnf("row %d comes first whenever this one fits: it never counts", j+1)
				break
			}
		}
		table = append(table, row)
	}
	return table
}

// shadows reports whether the first row fits whenever the second does.
func shadows(first, second *ticket.UrgencyRow) bool {
	return !slices.ContainsFunc(first.When, func(c ticket.Condition) bool {
		return !slices.ContainsFunc(second.When, func(d ticket.Condition) bool {
			return c.Field == d.Field && !slices.ContainsFunc(d.Is, func(word string) bool { return !slices.Contains(c.Is, word) })
		})
	})
}

// anyOf reads one of a few words, or a list of them. Where they are yes and no,
// true and false are too.
func (v value) anyOf(what string, words []string) []string {
	v.note(noteType, either(words))
	items := []value{v}
	if v.n != nil && v.n.kind == list {
		items = v.list()
	}
	var all []string
	for _, item := range items {
		if word := item.wordOf(what, words); word != "" && !slices.Contains(all, word) {
			all = append(all, word)
		}
	}
	return all
}

func (v value) wordOf(what string, words []string) string {
	if v.n != nil && v.n.kind == scalar && v.n.tag == "!!bool" && slices.Contains(words, ticket.Yes) {
		if strings.EqualFold(v.n.text, "true") {
			return ticket.Yes
		}
		return ticket.No
	}
	return v.oneOf(what, words...)
}

// fieldRules reads the fields of one's own, and what more is said of the others.
func (v value) fieldRules() []escalation.FieldRule {
	var all []escalation.FieldRule
	known := ticket.FieldNames()
	for i, e := range v.entries("field") {
		if i == ticket.MaxFields {
			e.errorf("%d fields at most", ticket.MaxFields)
			break
		}
		t := e.table()
		f := escalation.FieldRule{Name: e.key, Own: !slices.Contains(known, e.key), Label: t.get("label").short("")}
		if e.key == "custom" {
			e.errorf("custom is what all fields of one's own are called together: another name wanted")
		}
		required := t.get("required")
		if f.Required = required.flag(false); f.Required && slices.Contains(ticket.Closing(), e.key) {
			required.errorf("whoever resolves a ticket by a text has no word for it")
		}
		for _, kind := range t.get("kinds").anyOf("kind of ticket", []string{string(ticket.Incident), string(ticket.Request)}) {
			f.Kinds = append(f.Kinds, ticket.Kind(kind))
		}
		if !f.Own {
			t.refuse("every ticket has this field: its type is known", "type", "choices")
			t.done()
			all = append(all, f)
			continue
		}
		kind := t.get("type")
		kind.note(noteDefault, escalation.FieldText)
		if f.Type = kind.oneOf("type of a field", escalation.FieldTypes()...); f.Type == "" {
			f.Type = escalation.FieldText
		}
		choices := t.get("choices")
		f.Choices = choices.wordList()
		switch {
		case f.Type == escalation.FieldChoice && len(f.Choices) == 0:
			e.errorf("choices wanted: the words that it may be")
		case f.Type != escalation.FieldChoice && choices.given():
			choices.errorf("only a field of type choice has them")
		}
		t.done()
		all = append(all, f)
	}
	return all
}

// categories reads the categories in the file's order.
func (v value) categories() []escalation.Category {
	var all []escalation.Category
	for i, e := range v.entries("category") {
		if i == ticket.MaxListed {
			e.errorf("%d categories at most", ticket.MaxListed)
			break
		}
		t := e.table()
		c := escalation.Category{Name: e.key, Label: t.get("label").short(e.key)}
		c.Questions, c.Checklist = t.get("questions").lines(), t.get("checklist").checklist()
		t.done()
		all = append(all, c)
	}
	return all
}

// lines reads what is asked, or to be done, a line each.
func (v value) lines() []string {
	var all []string
	for i, item := range v.list() {
		if i == ticket.MaxQuestions {
			item.errorf("%d lines at most", ticket.MaxQuestions)
			break
		}
		if text := item.short(""); text != "" {
			all = append(all, text)
		}
	}
	return all
}

// checklist reads what is to be done, a point each: a text, or a table that says more.
func (v value) checklist() []ticket.Point {
	var all []ticket.Point
	for i, item := range v.list() {
		if i == ticket.MaxQuestions {
			item.errorf("%d points at most", ticket.MaxQuestions)
			break
		}
		p := ticket.Point{}
		if item.n != nil && item.n.kind == mapping {
			t := item.table()
			p.Text = t.need("point", "what is to be done").short("")
			within := t.get("within")
			if p.Within = ticket.Span(within.duration(0, positive)); p.Within > ticket.Span(ticket.MaxPointDays*24*time.Hour) {
				within.errorf("%d days at most", ticket.MaxPointDays)
			}
			p.Required = t.get("required").flag(false)
			t.done()
		} else {
			p.Text = item.short("")
		}
		switch {
		case p.Text == "":
		case slices.ContainsFunc(all, func(other ticket.Point) bool { return other.Text == p.Text }):
			item.errorf("%q is there twice", p.Text)
		default:
			all = append(all, p)
		}
	}
	return all
}

// short reads a text of a few words.
func (v value) short(other string) string {
	text := v.textOr(other)
	if len(text) > ticket.MaxWord {
		v.errorf("%d bytes at most, not %d", ticket.MaxWord, len(text))
		return other
	}
	return text
}

// wordList reads words that a field may be, each once.
func (v value) wordList() []string {
	var all []string
	for i, item := range v.list() {
		if i == ticket.MaxListed {
			item.errorf("%d words at most", ticket.MaxListed)
			break
		}
		word := item.short("")
		switch {
		case word == "":
		case ticket.Typed(word, false) != word:
			item.errorf("%q has blanks that nobody can choose: write it as %q", word, ticket.Typed(word, false))
		case slices.Contains(all, word):
			item.warnf("%q is there twice", word)
		default:
			all = append(all, word)
		}
	}
	return all
}

// urgencyLabels reads what people read for urgencies.
func (v value) urgencyLabels() map[ticket.Urgency]string {
	all := map[ticket.Urgency]string{}
	t := v.table()
	for _, u := range ticket.Urgencies() {
		if label := t.get(u.String()).short(""); label != "" {
			all[u] = label
		}
	}
	t.done()
	return all
}

func (v value) numbers() escalation.Numbers {
	v.note(noteDefault, escalation.DefaultNumbers)
	text, ok := v.text()
	if !ok {
		return escalation.Numbers{}
	}
	n, err := escalation.ParseNumbers(text)
	if err != nil {
		v.errorf("%v", err)
	}
	return n
}

// meeting reads where one meets the user of a ticket.
func (v value) meeting() ticket.MeetingTemplate {
	v.note(noteType, "address, https")
	text, ok := v.text()
	if !ok {
		return ""
	}
	m := ticket.MeetingTemplate(text)
	if err := m.Check(); err != nil {
		v.errorf("%v", err)
	} else if m.Shared() {
		v.warnf("all tickets meet at one place: {number} or {secret} is missing")
	}
	return m
}

func (v value) reopenFor() time.Duration {
	d := v.duration(escalation.MostReopenFor, positive)
	if d > escalation.MostReopenFor {
		v.errorf("7d at most: a closed ticket leaves the store then")
	}
	return d
}

var mailDomain = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

// domains reads domains of mail addresses. One that belongs to several customers
// tells nobody whose a caller is.
func (v value) domains() []string {
	var all []string
	for _, item := range v.list() {
		item.note(noteType, "domain of mail addresses")
		text, ok := item.text()
		if !ok {
			continue
		}
		if text = strings.ToLower(text); !mailDomain.MatchString(text) {
			item.errorf("%q is no domain of mail addresses like example.net", text)
			continue
		}
		if slices.Contains(all, text) {
			item.warnf("%s is there twice", text)
			continue
		}
		if first, twice := v.r.mailDomains[text]; twice {
			item.warnf("%s is of %s too: an address there is of neither", text, first)
		} else {
			v.r.mailDomains[text] = strings.TrimSuffix(v.path, ".domains")
		}
		all = append(all, text)
	}
	return all
}
