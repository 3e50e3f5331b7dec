package ticket

import "slices"

// UrgencyTable proposes an urgency from what people say of a ticket. The first row
// that fits counts.
type UrgencyTable []UrgencyRow

// UrgencyRow is a row of it. It fits if each field that it names has one of the
// values that it names.
type UrgencyRow struct {
	When    []Condition `json:"when"`
	Urgency Urgency     `json:"urgency"`
}

// Condition is what a field must be.
type Condition struct {
	Field string   `json:"field"`
	Is    []string `json:"is"`
}

// UrgencyFields are the fields that a row may name.
func UrgencyFields() []string {
	return []string{"impact", "business_impact", "workaround", "strategic", "requester_urgency"}
}

// Proposal is the urgency that a table proposes, with the row that made it.
type Proposal struct {
	Urgency Urgency     `json:"urgency"`
	Row     int         `json:"row"` // from 1
	When    []Condition `json:"when"`
}

// Propose is the table's proposal; false if no row fits.
func (t UrgencyTable) Propose(q *Qualification) (Proposal, bool) {
	for i := range t {
		if t[i].fits(q) {
			return Proposal{Urgency: t[i].Urgency, Row: i + 1, When: t[i].When}, true
		}
	}
	return Proposal{}, false
}

func (r *UrgencyRow) fits(q *Qualification) bool {
	return !slices.ContainsFunc(r.When, func(c Condition) bool { return !slices.Contains(c.Is, q.Text(c.Field)) })
}

// DefaultUrgencyTable follows S1-60 to 64, S2-09 and S3-23. What is not said
// counts for the worse: a workaround that nobody spoke of is none.
func DefaultUrgencyTable() UrgencyTable {
	is := func(field string, values ...string) Condition { return Condition{field, values} }
	row := func(u Urgency, when ...Condition) UrgencyRow { return UrgencyRow{when, u} }
	return UrgencyTable{
		row(Major, is("impact", "everybody"), is("workaround", Yes)),
		row(Critical, is("impact", "everybody")),  // S1-60
		row(Major, is("business_impact", "much")), // S1-61: a strong risk
		row(Minor, is("impact", "several"), is("workaround", Yes)),
		row(Major, is("impact", "several")), // S1-61
		row(Minor, is("impact", "person"), is("strategic", Yes), is("workaround", Yes)),
		row(Major, is("impact", "person"), is("strategic", Yes)),
		row(Low, is("impact", "person"), is("workaround", Yes)),
		row(Low, is("impact", "person"), is("requester_urgency", "low")), // S1-63
		row(Minor, is("impact", "person")),                               // S1-62
		row(Major, is("requester_urgency", "high")),                      // S2-09: nothing else is known
		row(Minor, is("requester_urgency", "medium")),
		row(Low, is("requester_urgency", "low")),
	}
}
