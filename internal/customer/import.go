package customer

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// result is what came of a file, or would.
type result struct {
	DryRun   bool              `json:"dry_run"`
	Imported bool              `json:"imported"` // all of it was; else nothing
	Lines    int               `json:"lines"`    // that hold a contact
	New      int               `json:"new"`
	Changed  int               `json:"changed"`
	Same     int               `json:"same"`
	Bad      int               `json:"bad"`
	Columns  map[string]string `json:"columns"` // the field of each column that is read
	Ignored  []string          `json:"ignored"` // columns that are not
	Errors   []badLine         `json:"errors"`  // ticket.MaxContactErrors at most
	Error    *said             `json:"error,omitempty"`
}

// badLine is a line that cannot be taken.
type badLine struct {
	Line  int    `json:"line"`
	Field string `json:"field,omitempty"`
	Why   string `json:"why"`
}

// said is an error as the API has them.
type said struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

// wish is how a file is to be taken.
type wish struct {
	customer string // of all contacts; empty: a column says it
	mapped   map[string]string
	dry      bool
}

// importParameters are those of a request that brings a file: map is COLUMN=FIELD, as
// often as there are columns to name.
func importParameters(values url.Values) (o wish, err error) {
	o.mapped = map[string]string{}
	for name, given := range values {
		switch {
		case name == "map":
			for _, pair := range given {
				if err := o.maps(pair); err != nil {
					return o, err
				}
			}
		case name != "customer" && name != "dry_run":
			return o, wrongf(ticket.Logged(name), "there is no such parameter")
		case len(given) > 1:
			return o, wrongf(name, "given %d times", len(given))
		}
	}
	o.customer = ticket.Typed(values.Get("customer"), false)
	o.dry, err = parameter(url.Values{"dry_run": {values.Get("dry_run")}}, "dry_run")
	return o, err
}

// maps reads COLUMN=FIELD. An empty field leaves the column out.
func (o *wish) maps(pair string) error {
	i := strings.LastIndex(pair, "=")
	if i < 1 {
		return wrongf("map", "COLUMN=FIELD is wanted, not %q", ticket.Logged(pair))
	}
	column, field := ticket.Typed(pair[:i], false), strings.TrimSpace(pair[i+1:])
	if field != "" && field != columnFirst && field != columnLast && !slices.Contains(fields(), field) {
		return wrongf("map", "no field is named %q: %s, %s, %s", ticket.Logged(field), strings.Join(fields(), ", "), columnFirst, columnLast)
	}
	if o.mapped[column] = field; len(o.mapped) > ticket.MaxContactFields {
		return wrongf("map", "given too often")
	}
	return nil
}

// importAPI takes a file of contacts.
func (p *Pages) importAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	o, err := importParameters(r.URL.Query())
	if err != nil {
		return refusal(err)
	}
	got, err := p.imports(r, by, r.Body, &o)
	if err != nil {
		return refusal(err)
	}
	status := http.StatusOK
	if got.Error != nil {
		status = http.StatusBadRequest
	}
	return web.Answer(w, status, got)
}

// imports takes a file, all of it or nothing. One file is taken at a time: each keeps
// others from writing to the archive.
func (p *Pages) imports(r *http.Request, by web.Token, from io.Reader, o *wish) (*result, error) {
	if by.Rank() < desk.Manager {
		return nil, web.Refuse(http.StatusForbidden, "forbidden", "to import contacts needs a manager's role")
	}
	k := p.checker(by)
	if o.customer != "" {
		if _, err := k.customer(o.customer); err != nil {
			return nil, err
		}
	}
	select {
	case p.importing <- struct{}{}:
		defer func() { <-p.importing }()
	default:
		return nil, web.Refuse(http.StatusServiceUnavailable, "busy", "another file is being read: try again")
	}
	file, err := io.ReadAll(http.MaxBytesReader(nil, io.NopCloser(from), ticket.MaxContactFile))
	if err != nil {
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return nil, err //nolint:wrapcheck // it is a 413
		}
		return nil, web.Refuse(http.StatusBadRequest, "bad_file", "the file broke off")
	}
	s, err := k.readSheet(file, o.customer, o.mapped)
	if err != nil {
		return nil, err
	}
	return p.take(r, by, s, o.dry)
}

// take has the archive take a file, if each of its lines can be.
func (p *Pages) take(r *http.Request, by web.Token, s *sheet, dry bool) (*result, error) {
	got := &result{DryRun: dry, Lines: len(s.lines), Columns: s.columns, Ignored: append([]string{}, s.ignored...), Errors: []badLine{}}
	var good []ticket.Importing
	var of []*line
	for i := range s.lines {
		l := &s.lines[i]
		if l.err != nil {
			got.wrong(l.at, l.err)
			continue
		}
		in := ticket.Importing{Customer: *l.change.Customer, Email: l.key, Apply: l.change.apply}
		if l.change.Ref != nil {
			in.Ref = *l.change.Ref
		}
		good, of = append(good, in), append(of, l)
	}
	outcomes, err := p.Book.ImportContacts(r.Context(), by.Scope(), good, newID, author(by), dry || got.Bad > 0)
	if err != nil && !errors.Is(err, archive.ErrImport) {
		return nil, err //nolint:wrapcheck // refusal tells it
	}
	for i := range outcomes {
		o := &outcomes[i]
		switch {
		case o.Err != nil:
			got.wrong(of[i].at, o.Err)
		case o.Before >= 0:
			got.wrong(of[i].at, wrongf("", "it is the contact of line %d again", of[o.Before].at))
		case o.What == ticket.ImportNew:
			got.New++
		case o.What == ticket.ImportOther:
			got.Changed++
		default:
			got.Same++
		}
	}
	slices.SortStableFunc(got.Errors, func(a, b badLine) int { return a.Line - b.Line })
	got.Errors = got.Errors[:min(len(got.Errors), ticket.MaxContactErrors)]
	if got.Imported = !dry && got.Bad == 0; !dry && got.Bad > 0 {
		got.Error = &said{"bad_lines", "nothing was imported: lines of the file cannot be taken"}
	}
	return got, nil
}

func (g *result) wrong(at int, err error) {
	g.Bad++
	b := badLine{Line: at, Why: err.Error()}
	var field *FieldError
	var taken *archive.TakenError
	switch {
	case errors.As(err, &field):
		b.Field, b.Why = field.Field, field.Why
	case errors.As(err, &taken):
		b.Field = taken.Field
	case errors.Is(err, archive.ErrNoContact):
		b.Field, b.Why = fieldCustomer, "no customer has that key"
	case errors.Is(err, archive.ErrManyContacts):
		b.Why = archive.ErrManyContacts.Error()
	}
	g.Errors = append(g.Errors, b)
}
