package console

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// viaConsole is by which way the timeline says that somebody acted here.
const viaConsole = "console"

// actTimeout bounds what a form waits for.
const actTimeout = 30 * time.Second

// lasting is a context that a browser which goes away does not end: what was
// begun for many is not left half done.
func lasting(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), actTimeout)
}

func badForm(err error) error {
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return fmt.Errorf("console: read a form: %w", err)
	}
	return web.Refuse(http.StatusBadRequest, "bad_request", "the form cannot be read")
}

// act does what a button says, and leads back to where it was pressed.
func (c *Console) act(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if err := r.ParseForm(); err != nil {
		return badForm(err)
	}
	number := r.PathValue("number")
	o, seen, err := orderOf(r)
	if err != nil {
		return err
	}
	back, about := "/tickets/"+url.PathEscape(number), ""
	if from := r.PostFormValue("back"); from != "" {
		back, about = web.OwnPath(from), number
	}
	if _, known := c.engine.Rules().Directory.Person(o.Person); o.Person != "" && !known {
		return web.Refuse(http.StatusBadRequest, "bad_request", "person: nobody has that name")
	}
	if _, known := c.engine.Rules().Directory.Group(o.Group); o.Group != "" && !known {
		return web.Refuse(http.StatusBadRequest, "bad_request", "group: there is none of that name")
	}
	done := look.DoneStale
	if seen != nil || look.Blind(o.Verb) || o.Verb == escalation.ActAssign {
		ctx, cancel := lasting(r.Context())
		defer cancel()
		c.house.Acted(ctx, by)
		result := c.house.Desk().Act(ctx, by.Actor(viaConsole), o, desk.Target{Number: number, Seen: seen})[0]
		if done, err = outcome(&result, o.Verb); err != nil {
			return err
		}
		if o.Verb == escalation.ActEdit && result.Did() {
			c.house.CameTo(ctx, number, by.Person)
			back, about = "/tickets/"+url.PathEscape(number)+"/edit", ""
		}
		c.forget()
	}
	query := url.Values{"done": {done}}
	if about != "" {
		query.Set("about", about)
	}
	c.lead(w, back, "/tickets", query)
	return nil
}

// orderOf is what a form asks for, and what its page showed.
func orderOf(r *http.Request) (o desk.Order, seen *escalation.Seen, err error) {
	o = desk.Order{Verb: escalation.Action(r.PostFormValue(look.FieldAction)), Sure: true} // the page has asked
	if !slices.Contains(desk.Verbs(), o.Verb) {
		return o, nil, web.Refuse(http.StatusBadRequest, "bad_request", "action: there is no such action")
	}
	text := strings.TrimSpace(strings.ToValidUTF8(r.PostFormValue("text"), "\uFFFD"))
	switch o.Verb {
	case escalation.ActNote:
		o.Words = ticket.Cut(text, ticket.MaxNote) // what somebody wrote at night is kept
	case escalation.ActResolve:
		o.Words = ticket.Cut(text, ticket.MaxNote)
		e := ticket.Edit{Field: ticket.FieldRestored, Text: ticket.Cut(strings.ToValidUTF8(r.PostFormValue("restored"), "\uFFFD"), ticket.MaxNote)}
		if err := e.Check(); err == nil && e.Text != "" {
			o.Edits = append(o.Edits, e)
		}
	case escalation.ActPause:
		o.Reason = ticket.PauseReason(r.PostFormValue("reason"))
	case escalation.ActAssign:
		o.Person, o.Group, o.As = r.PostFormValue("person"), r.PostFormValue("group"), escalation.Part(r.PostFormValue("as"))
		if o.As != escalation.AsHaving && !slices.Contains(escalation.Parts(), o.As) {
			return o, nil, web.Refuse(http.StatusBadRequest, "bad_request", "as: there is no such thing")
		}
	case escalation.ActTierUp, escalation.ActTierDown:
		o.Words, o.Group = ticket.Cut(text, ticket.MaxNote), r.PostFormValue("group")
	default:
	}
	if text := r.PostFormValue("seen"); text != "" {
		shown, ok := look.Unseal(text)
		if !ok {
			return o, nil, web.Refuse(http.StatusBadRequest, "bad_request", "seen: it is not what a page of ours has")
		}
		seen = &shown
	}
	return o, seen, nil
}

// outcome is how an address says what came of an order.
func outcome(result *desk.Result, verb escalation.Action) (string, error) {
	switch result.Outcome {
	case desk.Forbidden:
		return "forbidden", nil
	case desk.Failed, desk.Unknown:
		return "", fmt.Errorf("console: %s ticket %s: %w", verb, result.Number, result.Err)
	case desk.Done, desk.Already, desk.Again, desk.Checking:
		return string(verb), nil
	default:
		return cmp.Or(look.DoneOf[result.Outcome], look.DoneStale), nil
	}
}

// lead sends the browser to a page of ours, whose address begins with one that is
// allowed or with Now's, with more to say.
func (c *Console) lead(w http.ResponseWriter, to, allowed string, more url.Values) {
	u, err := url.Parse(to)
	if err != nil || (u.Path != "/now" && u.Path != "/" && u.Path != allowed && !strings.HasPrefix(u.Path, allowed+"/")) {
		u = &url.URL{Path: allowed}
	}
	query := u.Query()
	for _, name := range once {
		query.Del(name)
	}
	for name, values := range more {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	w.Header().Set("Location", c.house.Own(u.String()))
	w.WriteHeader(http.StatusSeeOther)
}
