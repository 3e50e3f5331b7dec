package console

import (
	"errors"
	"net/http"
	"net/url"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// editPage is the body of the form that changes what is said of a ticket.
type editPage struct {
	Number, Title string
	Form          qualifyForm
	Refused       string
	Conflict      []string // what somebody else changed meanwhile; none: nobody did
	Proposed      string
	Seen          string // of the ticket, for whoever resolves it too; empty: it is over
}

func (c *Console) showEdit(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	view, err := c.house.View(r.Context(), who.scope, r.PathValue("number"))
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	return c.showEditing(w, r, who, &view, http.StatusOK, nil, "", editPage{})
}

// showEditing shows the form of a ticket as it is now, with what mine has in its
// place.
func (c *Console) showEditing(w http.ResponseWriter, r *http.Request, who *reader, view *ticket.View, status int, mine url.Values, wrong string, body editPage) error {
	t := &view.Ticket
	marks := who.qualifyValues(t, view.Sheet)
	values := url.Values{}
	for name := range marks {
		values.Set(name, marks.Get(name))
	}
	for name := range mine {
		values.Set(name, mine.Get(name))
	}
	body.Number, body.Title = t.Number, t.Title
	body.Form = who.qualifyForm(values, marks, wrong)
	body.Form.Tag = ticket.Tag(t, view.Sheet)
	body.Proposed = who.proposed(values)
	if t.State == ticket.Closed {
		body.Refused = who.words.Desk.ClosedNow
	}
	if t.State.Active() {
		body.Seen = look.Seal(t)
	}
	f := c.frame(r, who, lang.Fill(who.words.Desk.EditTitle, "number", t.Number))
	f.Body = body
	return c.show(w, r, status, "edit", f)
}

// edit saves the fields that the form changed. If somebody else was first, it shows
// what they changed, and keeps what was typed.
func (c *Console) edit(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	who, number := c.reader(r, by), r.PathValue("number")
	form := typedForm(r.PostForm)
	edits, err := who.edits(form)
	if err == nil {
		edits, err = c.withContacts(r.Context(), who, number, edits)
	}
	if err == nil {
		err = who.rules.Vet(edits)
	}
	back := func(done string) error {
		c.lead(w, "/tickets/"+url.PathEscape(number), "/tickets", url.Values{"done": {done}})
		return nil
	}
	o, seen := desk.Order{Verb: escalation.ActQualify, Edits: edits, Tag: form.Get("tag"), Sure: true}, (*escalation.Seen)(nil)
	if form.Get("action") == string(escalation.ActResolve) {
		o.Verb = escalation.ActResolve
		shown, ok := look.Unseal(form.Get("seen"))
		if !ok {
			return web.Refuse(http.StatusBadRequest, "bad_request", "seen: it is not what a page of ours has")
		}
		seen = &shown
	}
	if err == nil && len(edits) == 0 && o.Verb == escalation.ActQualify {
		return back("unchanged")
	}
	if err == nil {
		ctx, cancel := lasting(r.Context())
		defer cancel()
		c.house.Acted(ctx, by)
		result := c.house.Desk().Act(ctx, by.Actor(viaConsole), o, desk.Target{Number: number, Seen: seen})[0]
		if result.Did() {
			c.forget()
			return back(string(o.Verb))
		}
		err = result.Err
	}
	view, errView := c.house.View(r.Context(), who.scope, number)
	if errView != nil {
		return errView //nolint:wrapcheck // it names itself
	}
	body := editPage{}
	var overtaken *escalation.ConflictError
	status, wrong, refused := who.refusal(err)
	if errors.As(err, &overtaken) {
		refused = ""
		for i := range overtaken.Fields {
			body.Conflict = append(body.Conflict, who.overwrite(&overtaken.Fields[i]))
		}
		if len(body.Conflict) == 0 {
			body.Conflict = []string{who.words.Desk.Conflict}
		}
	}
	if state := (*escalation.StateError)(nil); errors.As(err, &state) { // what was typed is kept
		v := who.viewer()
		v.Ticket = &view.Ticket
		refused, _ = v.Flash(look.DoneStale, &view, &look.Check{})
	}
	body.Refused = refused
	return c.showEditing(w, r, who, &view, status, changedOf(form, edits), wrong, body)
}

// changedOf are the fields that somebody changed in a form.
func changedOf(form url.Values, edits []ticket.Edit) url.Values {
	mine := url.Values{}
	if edits == nil { // they could not be read: all of it is kept
		for name := range form {
			mine.Set(name, form.Get(name))
		}
		return mine
	}
	for i := range edits {
		names := []string{edits[i].Field}
		if edits[i].Party != nil {
			names = nil
			for _, part := range partyParts() {
				names = append(names, edits[i].Field+"."+part)
			}
		}
		for _, name := range names {
			mine.Set(name, form.Get(name))
		}
	}
	return mine
}

func (r *reader) overwrite(o *ticket.Overwrite) string {
	v := r.viewer()
	by := r.words.Desk.Rules
	if o.By.Kind != ticket.ActorSystem {
		by = v.Who(&o.By)
	}
	return lang.Fill(r.words.Desk.ConflictNow, "field", v.Label(o.Field), "now", v.Value(o.Field, o.Now), "who", by)
}
