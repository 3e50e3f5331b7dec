package console

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/audit"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// auditPage is the body of the list of what was changed.
type auditPage struct {
	Lines  []auditLine
	About  string
	Of     string
	Abouts []string // what it can be about, for who may see more than one
	Older  string   // the address of what is older; empty: there is no more
}

type auditLine struct {
	At, Who, Via, About, Of, What string
	Fields                        []auditField
}

type auditField struct{ Name, From, To string }

// auditLines is how many lines a page has.
const auditLines = 100

func (c *Console) showAudit(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if c.audit == nil {
		return web.Refuse(http.StatusServiceUnavailable, "unavailable", "the audit log is in the store, which is away; try again")
	}
	who := c.reader(r, by)
	query := r.URL.Query()
	q := audit.Query{About: query.Get("about"), Of: strings.TrimSpace(query.Get("of")), After: query.Get("after"), Most: auditLines}
	if len(q.After) > ticket.MaxRecordKey {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the address is none of ours")
	}
	q, err := web.AuditedFor(&by, q)
	if err != nil {
		return err //nolint:wrapcheck // it is an answer
	}
	lines, next, err := c.audit.Lines(r.Context(), q)
	if err != nil {
		return fmt.Errorf("console: audit: %w", err)
	}
	words := &who.words.Audit
	body := auditPage{About: q.About, Of: q.Of}
	if by.Rank() >= desk.Admin {
		body.Abouts = []string{"duty", "device", "session", "setting", "contact"}
	}
	if next != "" {
		older := url.Values{"after": {next}}
		for name, value := range map[string]string{"about": q.About, "of": q.Of} {
			if value != "" {
				older.Set(name, value)
			}
		}
		body.Older = c.house.Own("/audit?" + older.Encode())
	}
	for i := range lines {
		l := &lines[i]
		body.Lines = append(body.Lines, auditLine{
			At: who.viewer().At(l.At), Who: cmp.Or(who.name(l.Who), words.Daemon), Via: cmp.Or(words.Via[l.Via], l.Via),
			About: cmp.Or(words.About[l.About], l.About), Of: l.Of, What: cmp.Or(words.What[l.What], l.What), Fields: fieldsOf(l),
		})
	}
	f := c.frame(r, who, words.Title)
	f.Body = body
	return c.show(w, r, http.StatusOK, "audit", f)
}

// fieldsOf are the fields of a line, before and after.
func fieldsOf(l *audit.Line) (fields []auditField) {
	names := map[string]bool{}
	for _, side := range []map[string]json.RawMessage{l.From, l.To} {
		for name := range side {
			names[name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		field := auditField{name, plainJSON(l.From[name]), plainJSON(l.To[name])}
		if field.From == field.To { // it says which thing was changed
			field.From = ""
		}
		fields = append(fields, field)
	}
	return fields
}

// plainJSON is a value without quotes if it is a text.
func plainJSON(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil {
		return text
	}
	return string(raw)
}
