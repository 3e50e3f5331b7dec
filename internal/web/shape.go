package web

import (
	"net/http"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/presence"
	"github.com/astreinte/astreinte/internal/ticket"
)

// ticketBody is a ticket as the API shows it (docs/REFERENCE.md#http). People,
// customers and policies are their keys; times are UTC and left out if they
// have not happened. Pages, Timeline and the sample of alerts are left out of
// lists.
type ticketBody struct {
	Number   string         `json:"number"`
	Kind     ticket.Kind    `json:"kind"`
	State    ticket.State   `json:"state"`
	Urgency  ticket.Urgency `json:"urgency"`
	Customer string         `json:"customer"`
	Site     string         `json:"site"`
	Contract string         `json:"contract,omitempty"`
	Title    string         `json:"title"`
	Source   string         `json:"source"`

	OpenedAt       time.Time `json:"opened_at"`
	AcknowledgedAt time.Time `json:"acknowledged_at,omitzero"`
	AcknowledgedBy string    `json:"acknowledged_by,omitempty"`
	SnoozedUntil   time.Time `json:"snoozed_until,omitzero"`
	PickedUpAt     time.Time `json:"picked_up_at,omitzero"`
	PickedUpBy     string    `json:"picked_up_by,omitempty"`
	ResolvedAt     time.Time `json:"resolved_at,omitzero"`
	ResolvedBy     string    `json:"resolved_by,omitempty"`
	ClosedAt       time.Time `json:"closed_at,omitzero"`
	Assignee       string    `json:"assignee,omitempty"`
	// Where it stands at the desk.
	Tier      ticket.Tier     `json:"tier"`
	TierSince time.Time       `json:"tier_since"`
	TierDueAt time.Time       `json:"tier_due_at,omitzero"` // a rule moves it up then
	Group     string          `json:"group,omitempty"`
	Owner     string          `json:"owner,omitempty"`
	With      []ticket.Helper `json:"with,omitempty"`
	// Here are others who have opened it to be edited lately.
	Here []presence.Present `json:"here,omitempty"`

	Policy     string    `json:"policy"`
	Episode    int       `json:"episode"`
	Step       int       `json:"step"`
	NextPageAt time.Time `json:"next_page_at,omitzero"`
	// Silenced is the silence that holds back its pages.
	Silenced *silencedBody `json:"silenced,omitempty"`

	// What people say of it, if it is shown alone.
	*ticket.Sheet
	ETag string `json:"etag,omitempty"` // of it
	// Questions are what is asked of whoever has a trouble of its category.
	Questions []string `json:"questions,omitempty"`
	// SeenBefore is what was seen before of its trouble.
	SeenBefore *ticket.SeenBefore `json:"seen_before,omitempty"`
	// Proposed is what the desk proposes of that.
	Proposed *proposedBody `json:"proposed,omitempty"`

	GTI    gtiBody      `json:"gti"`
	Clocks []clockState `json:"clocks,omitempty"` // of what else was promised
	Alerts alertsBody   `json:"alerts"`
	Pages  []pageBody   `json:"pages,omitzero"`
	// Rooms are its messages in rooms of chat.
	Rooms    []messageBody `json:"rooms,omitempty"`
	Timeline []entryBody   `json:"timeline,omitzero"`
	Damaged  int           `json:"damaged,omitzero"`
	// Recheck is how a re-check stands that was asked for by this request.
	Recheck *recheckBody `json:"recheck,omitempty"`
	LeftOut int          `json:"left_out,omitempty"` // lines that the timeline has no room for
}

// gtiBody is the GTI clock; State is running, paused, met, missed, or none if
// nothing was promised.
type gtiBody struct {
	DueAt    time.Time `json:"due_at,omitzero"`
	Within   string    `json:"within,omitempty"`
	Calendar string    `json:"calendar,omitempty"`
	State    string    `json:"state"`
}

// clockState is how one of the ticket's other clocks stands.
type clockState struct {
	Kind ticket.ClockKind `json:"kind"`
	gtiBody
}

// clocksOf are the ticket's other clocks, read at now.
func clocksOf(t *ticket.Ticket, now time.Time) (all []clockState) {
	for _, kind := range ticket.ClockKinds() {
		if c, ok := t.Clock(kind); ok {
			state := c.State(t.ClockStopped(&c), now)
			all = append(all, clockState{kind, gtiBody{DueAt: c.DueAt.UTC(), Within: short(c.Within), Calendar: c.Calendar, State: string(state)}})
		}
	}
	return all
}

// silencedBody is a silence that holds back a ticket's pages.
type silencedBody struct {
	ID    string    `json:"id"`
	Until time.Time `json:"until"`
}

// alertsBody counts a ticket's alerts. Silent ones count as firing too.
type alertsBody struct {
	Firing   int         `json:"firing"`
	Silent   int         `json:"silent"`
	Resolved int         `json:"resolved"`
	Sample   []alertBody `json:"sample,omitzero"`
}

type alertBody struct {
	Fingerprint  string             `json:"fingerprint"`
	Title        string             `json:"title"`
	Status       ticket.AlertStatus `json:"status"`
	Urgency      ticket.Urgency     `json:"urgency"`
	Labels       map[string]string  `json:"labels,omitempty"`
	Annotations  map[string]string  `json:"annotations,omitempty"`
	GeneratorURL string             `json:"generator_url,omitempty"`
	StartsAt     time.Time          `json:"starts_at,omitzero"`
	EndsAt       time.Time          `json:"ends_at,omitzero"`
	FirstAt      time.Time          `json:"first_at"`
	LastAt       time.Time          `json:"last_at"`
	Count        int64              `json:"count"`
}

type pageBody struct {
	Person     string           `json:"person"`
	Channel    string           `json:"channel"`
	Kind       ticket.PageKind  `json:"kind"`
	Episode    int              `json:"episode"`
	Step       int              `json:"step"`
	Round      int              `json:"round"`
	At         time.Time        `json:"at"`
	State      ticket.PageState `json:"state"`
	Attempts   int              `json:"attempts"`
	SentAt     time.Time        `json:"sent_at,omitzero"`
	ReceiptAt  time.Time        `json:"receipt_at,omitzero"`
	Provider   string           `json:"provider,omitempty"`
	ProviderID string           `json:"provider_id,omitempty"`
	Error      string           `json:"error,omitempty"`
	// Carries are the numbers of the other tickets that its message told of.
	Carries []string `json:"carries,omitempty"`
}

type entryBody struct {
	At    time.Time        `json:"at"`
	Kind  ticket.EntryKind `json:"kind"`
	Actor *ticket.Actor    `json:"actor,omitempty"`
	Via   string           `json:"via,omitempty"`
	Page  string           `json:"page,omitempty"`
	// What it tells beside its kind, for a program, and Text in the caller's language.
	Detail ticket.Detail `json:"detail,omitempty"`
	Args   ticket.Args   `json:"args,omitzero"`
	Text   string        `json:"text,omitempty"`
}

// bodyOf is a ticket as lists show it, its GTI clock read at now.
func bodyOf(t *ticket.Ticket, now time.Time) ticketBody {
	b := ticketBody{
		Number: t.Number, Kind: t.Kind, State: t.State, Urgency: t.Urgency,
		Customer: t.Customer, Site: t.Site, Contract: t.Contract, Title: t.Title, Source: t.Source,
		OpenedAt:       t.OpenedAt.UTC(),
		AcknowledgedAt: t.AcknowledgedAt.UTC(), AcknowledgedBy: t.AcknowledgedBy.String(), SnoozedUntil: snoozedUntil(t),
		PickedUpAt: t.PickedUpAt.UTC(), PickedUpBy: t.PickedUpBy.String(),
		ResolvedAt: t.ResolvedAt.UTC(), ResolvedBy: t.ResolvedBy.String(),
		ClosedAt: t.ClosedAt.UTC(), Assignee: t.Assignee,
		Tier: t.Place.Tier.Known(), TierSince: t.InTier().UTC(), TierDueAt: t.Place.Due.UTC(), Group: t.Place.Group, Owner: t.Place.Owner, With: t.Place.With,
		Policy: t.Policy.Name, Episode: t.Progress.Episode, Step: t.Reached(), NextPageAt: t.NextPageAt().UTC(),
		GTI: gtiBody{State: "none"}, Clocks: clocksOf(t, now),
		Alerts: alertsBody{Firing: t.Firing, Silent: t.Silent, Resolved: t.Resolved}, LeftOut: t.Lines.LeftOut,
	}
	if m := t.Progress.Mute; t.State.Active() && m.Holds(now) {
		b.Silenced = &silencedBody{ID: m.Silence, Until: m.Until.UTC()}
	}
	if state := t.GTIState(now); state != ticket.GTINone {
		b.GTI = gtiBody{DueAt: t.GTI.DueAt.UTC(), Within: short(t.GTI.Within), Calendar: t.GTI.Calendar, State: string(state)}
	}
	return b
}

// bodiesOf are tickets as lists show them.
func bodiesOf(tickets []ticket.Ticket, now time.Time) []ticketBody {
	bodies := make([]ticketBody, len(tickets))
	for i := range tickets {
		bodies[i] = bodyOf(&tickets[i], now)
	}
	return bodies
}

// wholeBody is a ticket with everything that is known of it. Its timeline is
// told in the language of whoever asks.
func wholeBody(v *ticket.View, now time.Time, words *lang.Words) ticketBody {
	b := bodyOf(&v.Ticket, now)
	b.Alerts.Sample = make([]alertBody, len(v.Alerts))
	for i := range v.Alerts {
		b.Alerts.Sample[i] = alertOf(&v.Alerts[i])
	}
	b.Pages = make([]pageBody, len(v.Pages))
	for i := range v.Pages {
		p := &v.Pages[i]
		b.Pages[i] = pageBody{
			Person: p.Person, Channel: p.Channel, Kind: p.Kind, Episode: p.Episode, Step: p.Step.Number(), Round: p.Round.Number(),
			At: p.At.UTC(), State: shownState(p), Attempts: p.Attempts, SentAt: p.SentAt.UTC(), ReceiptAt: p.ReceiptAt.UTC(),
			Provider: p.Provider, ProviderID: p.ProviderID, Error: p.Error,
		}
		for _, other := range p.Carries {
			b.Pages[i].Carries = append(b.Pages[i].Carries, other.Ticket)
		}
	}
	b.Damaged, b.Sheet = v.Damaged, v.Sheet
	b.Timeline = make([]entryBody, len(v.Timeline))
	for i := range v.Timeline {
		e := &v.Timeline[i]
		b.Timeline[i] = entryBody{
			At: e.At.UTC(), Kind: e.Kind, Actor: e.Actor, Via: e.Via, Page: e.Page,
			Detail: e.Detail, Args: e.Args, Text: words.Told(e, lang.Reader{}),
		}
	}
	return b
}

// spoken is the language of whoever asks for JSON.
func spoken(r *http.Request) *lang.Words { return lang.Accepted(r.Header.Get("Accept-Language")) }

func alertOf(a *ticket.AlertRecord) alertBody {
	return alertBody{
		Fingerprint: a.Fingerprint, Title: a.Title(), Status: a.Status, Urgency: a.Urgency,
		Labels: a.Labels, Annotations: a.Annotations, GeneratorURL: a.GeneratorURL,
		StartsAt: ticket.SentTime(a.StartsAt).UTC(), EndsAt: ticket.SentTime(a.EndsAt).UTC(), FirstAt: a.FirstAt.UTC(), LastAt: a.LastAt.UTC(), Count: a.Count,
	}
}

// short writes a duration as the configuration does: 1h, 1h30m, 90s as 1m30s.
func short(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// shownState is a page's state as people should take it: one that waits to be
// tried again, or never was, may have been sent if an answer was missing.
func shownState(p *ticket.Page) ticket.PageState {
	if p.Unclear && (p.State == ticket.PageQueued || p.State == ticket.PageCancelled) {
		return ticket.PageUnknown
	}
	return p.State
}

// snoozedUntil is when whoever took a ticket is woken again; zero: never.
func snoozedUntil(t *ticket.Ticket) time.Time {
	if t.State != ticket.Acknowledged {
		return time.Time{}
	}
	return t.Progress.Snooze.UTC()
}
