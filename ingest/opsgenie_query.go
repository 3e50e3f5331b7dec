package ingest

import (
	"cmp"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// genieQuery is what of its alerts a sender asks for.
type genieQuery struct {
	terms []genieTerm
}

// genieTerm is one condition. All of a query hold.
type genieTerm struct {
	field string // empty: anywhere
	by    string // ":", or a comparison of numbers and times
	value string
}

// genieKinds are the fields that a query may name: what an alert has there.
var genieKinds = map[string]func(s *alertShown) []string{
	"":             func(s *alertShown) []string { return []string{s.Message, s.Alias, s.Entity, s.description} },
	"status":       func(s *alertShown) []string { return []string{s.Status} },
	"alias":        func(s *alertShown) []string { return []string{s.Alias} },
	"id":           func(s *alertShown) []string { return []string{s.ID} },
	"tinyid":       func(s *alertShown) []string { return []string{s.TinyID} },
	"message":      func(s *alertShown) []string { return []string{s.Message} },
	"entity":       func(s *alertShown) []string { return []string{s.Entity} },
	"source":       func(s *alertShown) []string { return []string{s.Source} },
	"description":  func(s *alertShown) []string { return []string{s.description} },
	"priority":     func(s *alertShown) []string { return []string{s.Priority} },
	"tag":          func(s *alertShown) []string { return s.Tags },
	"tags":         func(s *alertShown) []string { return s.Tags },
	"owner":        func(s *alertShown) []string { return []string{s.Owner} },
	"acknowledged": func(s *alertShown) []string { return []string{strconv.FormatBool(s.Acknowledged)} },
	"isseen":       func(s *alertShown) []string { return []string{strconv.FormatBool(s.IsSeen)} },
	"snoozed":      func(s *alertShown) []string { return []string{strconv.FormatBool(s.Snoozed)} },
}

// genieNumbers are those that are compared as numbers; times in milliseconds.
var genieNumbers = map[string]func(s *alertShown) int64{
	"count":          func(s *alertShown) int64 { return s.Count },
	"createdat":      func(s *alertShown) int64 { return s.created.UnixMilli() },
	"updatedat":      func(s *alertShown) int64 { return s.updated.UnixMilli() },
	"lastoccurredat": func(s *alertShown) int64 { return s.last.UnixMilli() },
}

// genieWithin are the fields of which a word is enough.
var genieWithin = map[string]bool{"": true, "message": true, "description": true}

// mostTerms is how many conditions a query may have.
const mostTerms = ticket.MaxGenieTerms

func queryFault(what string) error {
	return &misuse{status: http.StatusUnprocessableEntity, faults: []fault{{"query", what}}}
}

// readGenieQuery reads a query: FIELD:VALUE and words, between which AND may stand.
func readGenieQuery(text string) (q genieQuery, err error) {
	if len(text) > ticket.MaxTitle {
		return q, queryFault("The query is too long")
	}
	for rest := strings.TrimSpace(text); rest != ""; rest = strings.TrimSpace(rest) {
		var term genieTerm
		if term, rest, err = readGenieTerm(rest); err != nil {
			return q, err
		}
		if term.by == "" && strings.EqualFold(term.value, "and") {
			continue
		}
		if term.by == "" && (strings.EqualFold(term.value, "or") || strings.EqualFold(term.value, "not")) {
			return q, queryFault("Only conditions joined by AND are understood here")
		}
		if q.terms = append(q.terms, term); len(q.terms) > mostTerms {
			return q, queryFault("The query has too many conditions")
		}
	}
	return q, nil
}

// readGenieTerm reads the first condition of a text.
func readGenieTerm(text string) (t genieTerm, rest string, err error) {
	if strings.HasPrefix(text, `"`) {
		t.value, rest, err = readGenieValue(text)
		return t, rest, err
	}
	end := strings.IndexAny(text, ":=<> \t\r\n()")
	switch {
	case end < 0:
		return genieTerm{value: text}, "", nil
	case strings.ContainsRune("()", rune(text[end])):
		return t, "", queryFault("Only conditions joined by AND are understood here")
	case !strings.ContainsRune(":=<>", rune(text[end])):
		return genieTerm{value: text[:end]}, text[end:], nil
	}
	t.field, t.by, rest = strings.ToLower(text[:end]), text[end:end+1], text[end+1:]
	if strings.ContainsAny(t.by, "<>") && strings.HasPrefix(rest, "=") {
		t.by, rest = t.by+"=", rest[1:]
	}
	if t.by == "=" {
		t.by = ":"
	}
	if t.value, rest, err = readGenieValue(strings.TrimLeft(rest, " \t")); err != nil {
		return t, rest, err
	}
	_, number := genieNumbers[t.field]
	_, known := genieKinds[t.field]
	switch {
	case t.field == "" || !known && !number:
		return t, rest, queryFault("The field is not known here: " + ticket.Logged(t.field))
	case t.value == "":
		return t, rest, queryFault("A condition has no value: " + ticket.Logged(t.field))
	case number:
		if _, err := strconv.ParseInt(t.value, 10, 64); err != nil {
			return t, rest, queryFault("The value is no number: " + ticket.Logged(t.field))
		}
	case t.by != ":":
		return t, rest, queryFault("The field cannot be compared: " + ticket.Logged(t.field))
	}
	return t, rest, nil
}

// readGenieValue reads a value, in quotation marks or up to a blank.
func readGenieValue(text string) (value, rest string, err error) {
	if !strings.HasPrefix(text, `"`) {
		end := strings.IndexAny(text, " \t\r\n")
		if end < 0 {
			end = len(text)
		}
		if strings.ContainsAny(text[:end], "()") {
			return "", "", queryFault("A value with brackets wants quotation marks")
		}
		return text[:end], text[end:], nil
	}
	var b strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '\\' && i+1 < len(text):
			i++
			b.WriteByte(text[i])
		case text[i] == '"':
			return b.String(), text[i+1:], nil
		default:
			b.WriteByte(text[i])
		}
	}
	return "", "", queryFault("A quotation mark is missing")
}

// wants is the status that is asked for alone; empty: both are.
func (q *genieQuery) wants() string {
	for _, t := range q.terms {
		if t.field == "status" {
			return strings.ToLower(t.value)
		}
	}
	return ""
}

// alias is the one that is asked for alone; empty: any is.
func (q *genieQuery) alias() string {
	for _, t := range q.terms {
		if (t.field == "alias" || t.field == "id") && !strings.Contains(t.value, "*") {
			return t.value
		}
	}
	return ""
}

// fits says whether an alert is asked for.
func (q *genieQuery) fits(s *alertShown) bool {
	for i := range q.terms {
		if !q.terms[i].fits(s) {
			return false
		}
	}
	return true
}

func (t *genieTerm) fits(s *alertShown) bool {
	if number := genieNumbers[t.field]; number != nil {
		want, _ := strconv.ParseInt(t.value, 10, 64) // it was read before
		c := cmp.Compare(number(s), want)
		return c == 0 && t.by != "<" && t.by != ">" || c < 0 && t.by[0] == '<' || c > 0 && t.by[0] == '>'
	}
	for _, have := range genieKinds[t.field](s) {
		if like(have, t.value, genieWithin[t.field]) {
			return true
		}
	}
	return false
}

// like compares a text with one that may have stars in it, case ignored. A word within it
// is enough if within is set.
func like(have, want string, within bool) bool {
	have, parts := strings.ToLower(have), strings.Split(strings.ToLower(want), "*")
	switch {
	case len(parts) == 1 && within:
		return strings.Contains(have, parts[0])
	case len(parts) == 1:
		return have == parts[0]
	}
	first, last := parts[0], parts[len(parts)-1]
	if len(have) < len(first)+len(last) || !strings.HasPrefix(have, first) || !strings.HasSuffix(have, last) {
		return false
	}
	have = have[len(first) : len(have)-len(last)]
	for _, part := range parts[1 : len(parts)-1] {
		_, after, ok := strings.Cut(have, part)
		if !ok {
			return false
		}
		have = after
	}
	return true
}

// genieSorts are what a list may be sorted by.
var genieSorts = map[string]func(a, b *alertShown) int{
	"createdAt":      func(a, b *alertShown) int { return a.created.Compare(b.created) },
	"updatedAt":      func(a, b *alertShown) int { return a.updated.Compare(b.updated) },
	"lastOccurredAt": func(a, b *alertShown) int { return a.last.Compare(b.last) },
	"tinyId":         func(a, b *alertShown) int { return cmp.Compare(a.TinyID, b.TinyID) },
	"alias":          func(a, b *alertShown) int { return cmp.Compare(a.Alias, b.Alias) },
	"message":        func(a, b *alertShown) int { return cmp.Compare(a.Message, b.Message) },
	"status":         func(a, b *alertShown) int { return cmp.Compare(a.Status, b.Status) },
	"acknowledged":   func(a, b *alertShown) int { return cmp.Compare(asInt(a.Acknowledged), asInt(b.Acknowledged)) },
	"isSeen":         func(a, b *alertShown) int { return cmp.Compare(asInt(a.IsSeen), asInt(b.IsSeen)) },
	"snoozed":        func(a, b *alertShown) int { return cmp.Compare(asInt(a.Snoozed), asInt(b.Snoozed)) },
	"snoozedUntil":   func(*alertShown, *alertShown) int { return 0 },
	"count":          func(a, b *alertShown) int { return cmp.Compare(a.Count, b.Count) },
	"source":         func(a, b *alertShown) int { return cmp.Compare(a.Source, b.Source) },
	"owner":          func(a, b *alertShown) int { return cmp.Compare(a.Owner, b.Owner) },
}

func asInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// genieMoment is a time as Opsgenie writes it.
func genieMoment(t time.Time) string { return t.UTC().Format(genieTime) }
