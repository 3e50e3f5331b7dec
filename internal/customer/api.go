package customer

import (
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/archive"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
)

// refusal is an error of the book as whoever asks is told it.
func refusal(err error) error {
	var field *FieldError
	var taken *archive.TakenError
	switch {
	case err == nil, web.StatusOf(err) < http.StatusInternalServerError:
		return err
	case errors.As(err, &field):
		return web.Refuse(http.StatusBadRequest, "bad_request", field.Error())
	case errors.As(err, &taken):
		return web.Refuse(http.StatusConflict, "taken", taken.Field+": "+taken.Error())
	case errors.Is(err, archive.ErrNoContact):
		return errors.Join(escalation.ErrNotFound, err)
	case errors.Is(err, archive.ErrManyContacts):
		return web.Refuse(http.StatusConflict, "too_many", archive.ErrManyContacts.Error())
	case errors.Is(err, archive.ErrOvertaken):
		return web.Refuse(http.StatusPreconditionFailed, "overtaken", "somebody else changed the contact first: read it again")
	case errors.Is(err, archive.ErrCursor):
		return web.Refuse(http.StatusBadRequest, "bad_request", "cursor: no list ended there")
	case errors.Is(err, archive.ErrLong):
		return web.Refuse(http.StatusServiceUnavailable, "busy", archive.ErrLong.Error())
	case errors.Is(err, archive.ErrFull):
		return web.Refuse(http.StatusServiceUnavailable, "archive_full", archive.ErrFull.Error())
	case web.CodeOf(err) != "unavailable":
		return err
	}
	return errAway
}

// errAway says that contacts cannot be had. Everything else can.
var errAway = web.Refuse(http.StatusServiceUnavailable, "archive_away", "the archive does not answer, and contacts are in it alone; tickets and pages go on; try again")

// listParameters are what a list of contacts can be asked for.
var listParameters = []string{"customer", "q", "email", "phone", "ended", "cursor", "limit"}

// asked reads a list's parameters.
func asked(values url.Values) (q ticket.ContactQuery, err error) {
	for name, given := range values {
		switch {
		case !slices.Contains(listParameters, name):
			return q, wrongf(ticket.Logged(name), "there is no such parameter")
		case len(given) > 1:
			return q, wrongf(name, "given %d times", len(given))
		case len(given[0]) > ticket.MaxFilter:
			return q, wrongf(name, "%d bytes at most, not %d", ticket.MaxFilter, len(given[0]))
		}
	}
	get := func(name string) string { return ticket.Typed(values.Get(name), false) }
	q = ticket.ContactQuery{Customer: get("customer"), Text: get("q"), Email: get("email"), Phone: get("phone"), Limit: ticket.ListedContacts}
	if text := get("ended"); text != "" {
		if q.Ended, err = strconv.ParseBool(text); err != nil {
			return q, wrongf("ended", "true or false is wanted")
		}
	}
	if text := get("limit"); text != "" {
		if q.Limit, err = strconv.Atoi(text); err != nil || q.Limit < 1 || q.Limit > ticket.MaxListedContact {
			return q, wrongf("limit", "a number from 1 to %d is wanted", ticket.MaxListedContact)
		}
	}
	q.Cursor, err = web.OpenCursor(values.Get("cursor"))
	return q, err //nolint:wrapcheck // it is the answer
}

func (p *Pages) listAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	q, err := asked(r.URL.Query())
	if err != nil {
		return refusal(err)
	}
	list, err := p.Book.Contacts(r.Context(), by.Scope(), &q)
	if err != nil {
		return refusal(err)
	}
	list.Next = web.SealCursor(list.Next)
	if kind, _, _ := strings.Cut(r.Header.Get("Accept"), ";"); strings.EqualFold(strings.TrimSpace(kind), "text/csv") {
		return writeSheet(w, &list)
	}
	return web.Answer(w, http.StatusOK, list)
}

func answer(w http.ResponseWriter, status int, c *ticket.Contact) error {
	w.Header().Set("ETag", etag(c))
	return web.Answer(w, status, c)
}

func etag(c *ticket.Contact) string { return `"` + strconv.FormatInt(c.Revision, 10) + `"` }

func (p *Pages) getAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	c, err := p.Book.Contact(r.Context(), by.Scope(), r.PathValue("id"))
	if err != nil {
		return refusal(err)
	}
	return answer(w, http.StatusOK, &c)
}

// readChange reads a body that is a change.
func readChange(r *http.Request) (ch change, err error) {
	d := json.NewDecoder(http.MaxBytesReader(nil, r.Body, ticket.MaxRequestBody))
	d.DisallowUnknownFields()
	err = d.Decode(&ch)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return ch, nil
		}
		return ch, wrongf("body", "it goes on after its JSON object")
	}
	var large *http.MaxBytesError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &large):
		return ch, err //nolint:wrapcheck // it is a 413
	case errors.As(err, &wrong) && wrong.Field != "":
		return ch, wrongf(wrong.Field, "a %s is wanted, not a %s", wrong.Type, wrong.Value)
	case strings.HasPrefix(err.Error(), "json: unknown field "):
		return ch, wrongf(ticket.Logged(strings.Trim(strings.TrimPrefix(err.Error(), "json: unknown field "), `"`)), "there is no such field")
	}
	return ch, wrongf("body", "it is no JSON object")
}

// postAPI makes a contact of an object, or many of a sheet.
func (p *Pages) postAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if kind, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")); kind == "text/csv" {
		return p.importAPI(w, r, by)
	}
	ch, err := readChange(r)
	if err != nil {
		return refusal(err)
	}
	c, err := p.make(r, by, &ch)
	if err != nil {
		return refusal(err)
	}
	w.Header().Set("Location", p.House.Own("/api/v1/contacts/"+url.PathEscape(c.ID)))
	return answer(w, http.StatusCreated, &c)
}

// make makes a new contact.
func (p *Pages) make(r *http.Request, by web.Token, ch *change) (c ticket.Contact, err error) {
	if ch.Customer == nil {
		return c, wrongf(fieldCustomer, "it is needed")
	}
	if ch.Name == nil {
		return c, wrongf(fieldName, "it is needed")
	}
	if ch.Ended != nil {
		return c, wrongf("ended", "a new contact has not ended")
	}
	if err := p.checker(by).checked(ch, *ch.Customer); err != nil {
		return c, err
	}
	return p.Book.PutContact(r.Context(), by.Scope(), newID(), func(c *ticket.Contact) error { //nolint:wrapcheck // refusal tells it
		ch.apply(c)
		c.UpdatedBy = author(by)
		return nil
	})
}

// author is who changes a contact: a person's key, else the token's name.
func author(by web.Token) string {
	if by.Person != "" {
		return by.Person
	}
	return by.Name
}

// newID is that of a contact: nobody guesses another one.
func newID() string { return "c" + web.NewID() }

func (p *Pages) checker(by web.Token) *checker {
	return &checker{rules: p.Engine.Rules(), scope: by.Scope()}
}

// change changes a contact that is at a revision; 0: whatever it is.
func (p *Pages) change(r *http.Request, by web.Token, id string, revision int64, ch *change) (c ticket.Contact, err error) {
	return p.Book.PutContact(r.Context(), by.Scope(), id, func(c *ticket.Contact) error { //nolint:wrapcheck // refusal tells it
		switch {
		case c.Revision == 0:
			return archive.ErrNoContact
		case revision != 0 && c.Revision != revision:
			return archive.ErrOvertaken
		case !c.AnonymisedAt.IsZero():
			return web.Refuse(http.StatusConflict, "anonymised", "the contact was anonymised: it stays so")
		}
		if err := p.checker(by).checked(ch, c.Customer); err != nil {
			return err
		}
		ch.apply(c)
		if ch.Ended != nil && *ch.Ended != !c.EndedAt.IsZero() {
			c.EndedAt = time.Time{}
			if *ch.Ended {
				c.EndedAt = p.Engine.Now().UTC()
			}
		}
		c.UpdatedBy = author(by)
		return nil
	})
}

func (p *Pages) patchAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	tag, err := web.Matched(r)
	if err != nil {
		return err //nolint:wrapcheck // it is the answer
	}
	revision := int64(0)
	if tag != ticket.AnyTag {
		if revision, err = strconv.ParseInt(tag, 10, 64); err != nil || revision < 1 {
			return refusal(archive.ErrOvertaken)
		}
	}
	ch, err := readChange(r)
	if err != nil {
		return refusal(err)
	}
	if ch == (change{}) {
		return web.Refuse(http.StatusBadRequest, "bad_request", "the body names no field to change")
	}
	c, err := p.change(r, by, r.PathValue("id"), revision, &ch)
	if err != nil {
		return refusal(err)
	}
	return answer(w, http.StatusOK, &c)
}

// removed is the answer to who has a contact anonymised.
type removed struct {
	Contact ticket.Contact `json:"contact"`
	ticket.Anonymised
}

// removeAPI ends a contact, or anonymises it.
func (p *Pages) removeAPI(w http.ResponseWriter, r *http.Request, by web.Token) error {
	anonymise, err := parameter(r.URL.Query(), "anonymise")
	if err != nil {
		return refusal(err)
	}
	if !anonymise {
		ended := true
		c, err := p.change(r, by, r.PathValue("id"), 0, &change{Ended: &ended})
		if err != nil {
			return refusal(err)
		}
		return answer(w, http.StatusOK, &c)
	}
	done, err := p.anonymise(r, by, r.PathValue("id"))
	if err != nil {
		return refusal(err)
	}
	return web.Answer(w, http.StatusOK, done)
}

func (p *Pages) anonymise(r *http.Request, by web.Token, id string) (done removed, err error) {
	if by.Rank() < desk.Manager {
		return done, web.Refuse(http.StatusForbidden, "forbidden", "to anonymise a contact needs a manager's role: nothing brings it back")
	}
	done.Contact, done.Anonymised, err = p.Book.Anonymise(r.Context(), by.Scope(), id, author(by))
	return done, err //nolint:wrapcheck // refusal tells it
}

// parameter is a query that is true or false, the only one that may be given.
func parameter(values url.Values, only string) (bool, error) {
	for name := range values {
		if name != only {
			return false, wrongf(ticket.Logged(name), "there is no such parameter")
		}
	}
	if values.Get(only) == "" {
		return false, nil
	}
	yes, err := strconv.ParseBool(values.Get(only))
	if err != nil {
		return false, wrongf(only, "true or false is wanted")
	}
	return yes, nil
}
