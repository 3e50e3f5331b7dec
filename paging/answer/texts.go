package answer

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"go.uber.org/zap"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/records"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging"
	"github.com/astreinte/astreinte/paging/words"
)

// What is kept of texts, in records of the house. A record is due when it may
// be deleted.
const (
	kindText    = "text"    // by its phone and the provider's id: when it was first heard
	kindReplies = "replies" // by its phone: the latest replies to it
	kindTold    = "told"    // by ticket and phone: which episode it was told of
)

// Expiring are the kinds of records that are deleted when they are due.
func Expiring() []string {
	return []string{kindText, kindReplies, kindTold, escalation.KindOnce}
}

// textTries is how often a write is tried if others write first.
const textTries = 10

// repliesWithin is the time in which one phone gets ticket.MaxReplies replies.
const repliesWithin = 10 * time.Minute

// heardText is what is kept of a text.
type heardText struct {
	At time.Time `json:"at"`
	// About are the tickets' numbers that a text without a code was taken to be
	// about, once that is decided. The same text is never about others.
	About   []string `json:"about,omitempty"`
	Settled bool     `json:"settled,omitempty"`
}

// nameOf is the name by which every daemon knows a text. No other text of the
// same phone has its provider's id. It is empty if the provider gives none.
func nameOf(t *paging.Text) string {
	if t.ProviderID == "" {
		return ""
	}
	return nameable(t.From) + " " + nameable(t.ProviderID)
}

// nameable is foreign text in a form that a record's key may have.
func nameable(text string) string {
	if !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
		text = strconv.QuoteToASCII(text)
	}
	return ticket.Cut(text, ticket.MaxOnce)
}

// hear says when any daemon first heard of a text.
func (c *Conversation) hear(ctx context.Context, t paging.Text) (time.Time, error) {
	now := c.clock.Now()
	heard, err := c.file(ctx, nameOf(&t), func(h *heardText) bool {
		fresh := h.At.IsZero()
		if fresh {
			h.At = now
		}
		return fresh
	})
	if err != nil {
		return now, err
	}
	return heard.At, nil
}

// settle says which tickets a text without a code is about. They are the given
// ones, or those that it was about when it was first acted on.
func (x *exchange) settle(about []known) ([]known, error) {
	if x.first.Before(x.say.Now) { // it was heard before, but not acted on
		about = slices.DeleteFunc(slices.Clone(about), func(k known) bool { return x.first.Before(k.ticket.Progress.Began) })
	}
	numbers := make([]string, len(about))
	for i := range about {
		numbers[i] = about[i].Ticket
	}
	heard, err := x.file(x.ctx, x.once, func(h *heardText) bool {
		if h.Settled {
			return false
		}
		h.At, h.About, h.Settled = x.first, numbers, true
		return true
	})
	if err != nil || slices.Equal(heard.About, numbers) {
		return about, err
	}
	return x.where(func(k *known) bool { return slices.Contains(heard.About, k.Ticket) }), nil
}

// file writes what is kept of a text, if edit changes it, and returns it. If
// another daemon writes first, it does so again.
func (c *Conversation) file(ctx context.Context, name string, edit func(h *heardText) (changed bool)) (h heardText, err error) {
	if c.records == nil || name == "" {
		edit(&h)
		return h, nil
	}
	shelf := records.Shelf[heardText]{Store: c.records, Home: records.House, Kind: kindText}
	for range textTries {
		was, err := paging.Readable(shelf.Get(ctx, name))
		if err != nil {
			return h, fmt.Errorf("paging: was this text heard before: %w", err)
		}
		h = was.Of
		if !edit(&h) {
			return h, nil
		}
		w, err := shelf.Put(name, was.Revision, h)
		if err != nil {
			return h, err
		}
		w.Due, w.Vital = h.At.Add(escalation.OnceFor), true
		_, err = c.records.Write(ctx, records.House, w)
		if err == nil {
			return h, nil
		}
		if !errors.Is(err, records.ErrConflict) {
			return h, fmt.Errorf("paging: file a text: %w", err)
		}
	}
	return h, fmt.Errorf("paging: file a text: %w", records.ErrConflict)
}

// repliesTo is what is kept of the replies to one phone.
type repliesTo struct {
	At   []time.Time `json:"at"`             // the latest, at most ticket.MaxReplies
	Told bool        `json:"told,omitempty"` // that no more follow
}

// Measured is the reply that a phone gets instead of one that comes later than its text, in
// a language: empty if it has had so many that it gets none.
func (c *Conversation) Measured(ctx context.Context, phone, reply, language string) string {
	return c.measured(ctx, phone, reply, words.Replies{Lang: language, Now: c.clock.Now()})
}

// measured is the reply that a phone gets instead of reply, by how many it
// got. After ticket.MaxReplies in ten minutes it is one that says so, and then
// none until there is room. If that cannot be found out, it is reply.
func (c *Conversation) measured(ctx context.Context, phone, reply string, say words.Replies) string {
	if reply == "" || c.records == nil {
		return reply
	}
	shelf := records.Shelf[repliesTo]{Store: c.records, Home: records.House, Kind: kindReplies}
	key := nameable(phone)
	for range textTries {
		was, err := paging.Readable(shelf.Get(ctx, key))
		if err != nil {
			return reply
		}
		now, said := was.Of.next(c.clock.Now(), reply, say.Enough(repliesWithin))
		if said == "" {
			return ""
		}
		w, err := shelf.Put(key, was.Revision, now)
		if err != nil {
			return reply
		}
		w.Due, w.Vital = c.clock.Now().Add(repliesWithin), true
		if _, err = c.records.Write(ctx, records.House, w); err == nil {
			return said
		}
		if !errors.Is(err, records.ErrConflict) {
			c.log.Warn("whether a phone gets too many replies is not known", zap.Error(err))
			return reply
		}
	}
	return reply
}

// next is what is kept once the phone is answered, and which answer that is:
// reply, enough (which says that it is too many), or none.
func (r repliesTo) next(at time.Time, reply, enough string) (repliesTo, string) {
	var next repliesTo
	for _, t := range r.At {
		if t.After(at.Add(-repliesWithin)) {
			next.At = append(next.At, t)
		}
	}
	switch {
	case len(next.At) < ticket.MaxReplies:
		next.At = append(next.At, at)
		return next, reply
	case r.Told:
		return r, ""
	}
	next.Told = true
	return next, enough
}

// past says whether a text cannot be about the ticket as it is now: it was
// first heard before this episode began, or nobody who had its code was paged
// since then. Its phone is then told, and may answer anew.
func (x *exchange) past(k *known) (bool, error) {
	episode := k.ticket.Progress.Episode
	if !k.ticket.State.Active() || episode <= 1 {
		return false, nil
	}
	if x.first.Before(k.ticket.Progress.Began) {
		return true, x.tell(k)
	}
	view, err := x.tickets.View(x.ctx, k.Ticket)
	if err != nil {
		return false, fmt.Errorf("paging: pages of %s: %w", k.Ticket, err)
	}
	if pagedIn(&view, k.Person, episode) {
		return false, nil
	}
	told, err := x.wasTold(k)
	if err != nil || told {
		return false, err
	}
	return true, x.tell(k)
}

// pagedIn reports whether a page of an episode may have reached a person.
func pagedIn(view *ticket.View, person string, episode int) bool {
	for i := range view.Pages {
		if p := &view.Pages[i]; p.Person == person && p.Episode == episode && p.MayHaveArrived() {
			return true
		}
	}
	return false
}

func (x *exchange) toldKey(k *known) string {
	return k.Ticket + " " + nameable(x.from)
}

// toldOf is which episode a phone was told of, and when.
type toldOf struct {
	Episode int       `json:"episode"`
	At      time.Time `json:"at"`
}

// wasTold reports whether the phone was told of the ticket's present episode
// before this text came.
func (x *exchange) wasTold(k *known) (bool, error) {
	if x.records == nil {
		return false, nil
	}
	shelf := records.Shelf[toldOf]{Store: x.records, Home: records.House, Kind: kindTold}
	was, err := paging.Readable(shelf.Get(x.ctx, x.toldKey(k)))
	if err != nil {
		return false, fmt.Errorf("paging: what a phone was told: %w", err)
	}
	return was.Of.Episode == k.ticket.Progress.Episode && was.Of.At.Before(x.first), nil
}

func (x *exchange) tell(k *known) error {
	if x.records == nil {
		return nil
	}
	told, err := json.Marshal(toldOf{Episode: k.ticket.Progress.Episode, At: x.say.Now})
	if err == nil {
		_, err = x.records.Write(x.ctx, records.House, records.Write{
			Kind: kindTold, Key: x.toldKey(k), Revision: records.Any, Vital: true, Value: told, Due: x.say.Now.Add(escalation.OnceFor),
		})
	}
	if err != nil {
		return fmt.Errorf("paging: note what a phone was told: %w", err)
	}
	return nil
}

// again words the reply to a text that was acted on before: how things are
// now.
func (x *exchange) again(k *known, a Answer, t *ticket.Ticket, who string) (string, error) {
	code := k.Code.Code
	switch {
	case a.Verb == VerbNote:
		return x.say.Noted(code, t.State != ticket.Open), nil
	case a.Verb == VerbRecheck:
		return x.recheck(code, t)
	case a.Verb == VerbEscalate && t.State == ticket.Open:
		return x.say.Escalated(code, x.called(t)), nil
	case a.Verb == VerbUndo && t.State.Active():
		return x.say.Undone(code, t.State.Taken()), nil
	case a.Verb == VerbResolve && t.State == ticket.StateResolved && t.ResolvedBy.Person() == who:
		return x.say.Resolved(code, t.ResolvedAt, escalation.UndoWithin), nil
	case t.State == ticket.Open:
		return x.say.Stale(code, t.Progress.Began), nil
	case t.TakenBy(who) && t.State == ticket.InProgress:
		return x.say.Yours(code, t.PickedUpAt, true), nil
	case a.Verb == VerbSnooze && t.TakenBy(who) && !t.Progress.AckUntil.IsZero():
		return x.say.Snoozed(code, t.Progress.AckUntil), nil
	case t.TakenBy(who):
		return x.acknowledged(code, t), nil
	case t.State.Taken():
		return x.say.TakenBy(fmt.Sprint(code), paging.NameOf(x.rules, t.AcknowledgedBy), t.AcknowledgedAt), nil
	}
	by := ""
	if t.ResolvedBy.Person() != "" {
		by = paging.NameOf(x.rules, t.ResolvedBy)
	}
	return x.say.Over(fmt.Sprint(code), by, t.ResolvedAt), nil
}
