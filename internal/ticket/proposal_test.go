package ticket

import "testing"

// TestDefaultUrgencyTable: the examples of S1-60 to 64, S2-09 and S3-23.
func TestDefaultUrgencyTable(t *testing.T) {
	for _, c := range []struct {
		name string
		q    Qualification
		want Urgency // unknown: no row fits
	}{
		{"mail, server, network down for all (S1-60)", Qualification{Impact: "everybody"}, Critical},
		{"… with no workaround, a harmless function", Qualification{Impact: "everybody", Workaround: No, BusinessImpact: "none"}, Critical},
		{"… with another way meanwhile", Qualification{Impact: "everybody", Workaround: Yes}, Major},
		{"several without workaround (S1-61)", Qualification{Impact: "several", Workaround: No}, Major},
		{"several, nobody spoke of a workaround", Qualification{Impact: "several"}, Major},
		{"a strategic user without (S1-61, S1-64)", Qualification{Impact: "person", Strategic: Yes, Workaround: No}, Major},
		{"a backup failed, a disk of a RAID (S1-61)", Qualification{BusinessImpact: "much"}, Major},
		{"… whoever is hit", Qualification{Impact: "person", BusinessImpact: "much", Workaround: Yes}, Major},
		{"several, printer B is there (S1-62)", Qualification{Impact: "several", Workaround: Yes}, Minor},
		{"one user without (S1-62)", Qualification{Impact: "person", Strategic: No, Workaround: No}, Minor},
		{"a strategic user with", Qualification{Impact: "person", Strategic: Yes, Workaround: Yes}, Minor},
		{"one user, a Word question (S1-63)", Qualification{Impact: "person", Workaround: Yes}, Low},
		{"one user, who says that it can wait (S1-63)", Qualification{Impact: "person", RequesterUrgency: "low"}, Low},
		{"only the requester said something (S2-09)", Qualification{RequesterUrgency: "high"}, Major},
		{"", Qualification{RequesterUrgency: "medium"}, Minor},
		{"", Qualification{RequesterUrgency: "low"}, Low},
		{"nothing is said", Qualification{Description: "help", Workaround: No}, UrgencyUnknown},
	} {
		got, ok := DefaultUrgencyTable().Propose(&c.q)
		if got.Urgency != c.want || ok != (c.want != UrgencyUnknown) {
			t.Errorf("%s %+v: %s (row %d), want %s", c.name, c.q, got.Urgency, got.Row, c.want)
		}
	}
}

// TestTheTableIsWhole: each row counts for something, and a ticket that is worse in
// one field, the others as they are, is never less urgent.
func TestTheTableIsWhole(t *testing.T) {
	table, counted := DefaultUrgencyTable(), map[int]bool{}
	worse := map[string][]string{ // from the best to the worst
		"impact": {"person", "several", "everybody"}, "business_impact": {"none", "some", "much"}, "workaround": {Yes, No},
		"strategic": {No, Yes}, "requester_urgency": {"low", "medium", "high"},
	}
	all := []Qualification{{}}
	for _, field := range UrgencyFields() {
		var next []Qualification
		for _, q := range all {
			for _, word := range append([]string{""}, worse[field]...) {
				q.Apply(&Edit{Field: field, Text: word})
				next = append(next, q)
			}
		}
		all = next
	}
	for _, q := range all {
		was, ok := table.Propose(&q)
		counted[was.Row] = true
		for field, words := range worse {
			for i, word := range words[:len(words)-1] {
				if q.Text(field) != word || !ok {
					continue
				}
				harder := q
				harder.Apply(&Edit{Field: field, Text: words[i+1]})
				if is, _ := table.Propose(&harder); is.Urgency < was.Urgency {
					t.Errorf("%+v is %s, and %s with %s %s", q, was.Urgency, is.Urgency, field, words[i+1])
				}
			}
		}
	}
	for row := range table {
		if !counted[row+1] {
			t.Errorf("row %d never counts", row+1)
		}
	}
}
