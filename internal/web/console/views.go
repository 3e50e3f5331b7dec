package console

import (
	"cmp"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/astreinte/astreinte/contacts"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// dueWithin is the console's own parameter of a list: the API's due_before from now on, so
// that an address that somebody keeps means the same tomorrow.
const dueWithin = "due_within"

// within is what one may choose for it, in hours; breachingSoon is that of the ready filter.
var within = []int{1, 2, 4, 8, 24}

const breachingSoon = 2

// active are the states of what is still to be done.
var active = []string{string(ticket.Open), string(ticket.Acknowledged), string(ticket.InProgress)}

// narrowing is what the list can be narrowed by beyond state, urgency, customer and person.
type narrowing struct {
	Words                *lang.Views
	Views                []saved // those that are ready
	Groups, Tiers, Kinds []choice
	Categories, Within   []choice
	Unassigned, Breached bool
	Kept                 []choice // filters of the address that have no field
	More                 bool     // there is an archive, which answers the ones here
}

// fields are the filters that have a field of the form.
var fields = []string{"q", "state", "urgency", "customer", "assignee", "since", "until", "group", "tier", "kind", "category", dueWithin, "unassigned", "breached"}

func (c *Console) narrowing(who *reader, given url.Values, s *ticket.Search) narrowing {
	w := &who.words.Views
	n := narrowing{Words: w, Unassigned: s.Unassigned, Breached: s.Breached != nil && *s.Breached}
	n.Views, n.More = c.views(who, given), c.house.Narrows()
	for _, key := range who.rules.Directory.Groups() {
		n.Groups = append(n.Groups, choice{key, key, s.Group == key})
	}
	for _, tier := range []string{"L1", "L2", "L3"} {
		n.Tiers = append(n.Tiers, choice{tier, tier, s.Tier == tier})
	}
	for _, kind := range []ticket.Kind{ticket.Incident, ticket.Request} {
		n.Kinds = append(n.Kinds, choice{string(kind), who.words.Console.Kinds[kind], s.Kind == kind})
	}
	for i := range who.rules.Desk.Categories {
		name := who.rules.Desk.Categories[i].Name
		n.Categories = append(n.Categories, choice{name, name, s.Category == name})
	}
	for _, hours := range within {
		text := strconv.Itoa(hours) + "h"
		n.Within = append(n.Within, choice{text, who.hours(hours), given.Get(dueWithin) == text})
	}
	for name, values := range given {
		if slices.Contains(fields, name) || name == "cursor" {
			continue
		}
		for _, value := range values {
			n.Kept = append(n.Kept, choice{Value: value, Label: name})
		}
	}
	slices.SortFunc(n.Kept, func(a, b choice) int { return cmp.Or(cmp.Compare(a.Label, b.Label), cmp.Compare(a.Value, b.Value)) })
	return n
}

func (r *reader) hours(n int) string {
	if n == 1 {
		return r.words.Views.Hour
	}
	return lang.Fill(r.words.Views.Hours, "n", strconv.Itoa(n))
}

// views are the list's ready filters: what is this reader's, what is nobody's, what each of
// his groups has, and what will be late soon.
func (c *Console) views(who *reader, given url.Values) []saved {
	w := &who.words.Views
	here := with(given, "cursor", "")
	var all []saved
	add := func(name, parameter, value string) {
		query := url.Values{"state": active, parameter: {value}}.Encode()
		all = append(all, saved{Name: name, URL: c.listed(query), Here: query == here})
	}
	if who.by.Person != "" {
		add(w.Mine, "assignee", who.by.Person)
	}
	if !c.house.Narrows() {
		return all
	}
	add(w.Pool, "unassigned", "true")
	for _, group := range groupsOf(who.rules.Directory, who.by.Person) {
		add(lang.Fill(w.InGroup, "group", group), "group", group)
	}
	add(w.Soon, dueWithin, strconv.Itoa(breachingSoon)+"h")
	return all
}

// groupsOf are the groups in which somebody is, or takes turns.
func groupsOf(d *contacts.Directory, person string) (groups []string) {
	for _, key := range d.Groups() {
		g, _ := d.Group(key)
		if slices.Contains(g.People, person) || slices.ContainsFunc(g.Rotations, func(r contacts.Rotation) bool {
			return slices.ContainsFunc(r.People, func(turn []string) bool { return slices.Contains(turn, person) })
		}) {
			groups = append(groups, key)
		}
	}
	return groups
}

// dueBy turns the console's own parameter into the API's. One that is no length of time is
// the API's to refuse.
func (r *reader) dueBy(values url.Values) {
	given := values[dueWithin]
	delete(values, dueWithin)
	if len(given) == 0 {
		return
	}
	at := given[0]
	if d, err := time.ParseDuration(at); err == nil && len(given) == 1 && d > 0 && d <= 1000*time.Hour {
		at = r.now.Add(d).UTC().Format(time.RFC3339)
	}
	values["due_before"] = append([]string{at}, given[1:]...)
}
