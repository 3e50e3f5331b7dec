package demo

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// state is what the page shows.
type state struct {
	Now     time.Time         `json:"now"` // to the second
	Zone    string            `json:"zone"`
	Speed   float64           `json:"speed"`
	Curl    string            `json:"curl"`
	Broken  map[string]string `json:"broken"`
	Phones  []phoneState      `json:"phones"`
	Tickets []ticketState     `json:"tickets"`
}

type phoneState struct {
	Key      string    `json:"key"`
	Name     string    `json:"name"`
	Number   string    `json:"number"`
	Language string    `json:"language"`
	Role     string    `json:"role"`
	OnCall   bool      `json:"on_call"`
	Messages []message `json:"messages"` // oldest first
}

type message struct {
	ID    string    `json:"id"`
	Kind  string    `json:"kind"` // sms, push, or mine
	At    time.Time `json:"at"`
	Title string    `json:"title,omitempty"`
	Body  string    `json:"body"`
	Code  string    `json:"code,omitempty"`
	Link  string    `json:"link,omitempty"`
	// Buttons are a push's, Said what came of one.
	Buttons []button `json:"buttons,omitempty"`
	Said    *said    `json:"said,omitempty"`
}

// button is one of a notification's.
type button struct {
	Action string `json:"action"`
	Title  string `json:"title"`
}

type ticketState struct {
	Number   string     `json:"number"`
	State    string     `json:"state"`
	Urgency  string     `json:"urgency"`
	Title    string     `json:"title"`
	OpenedAt time.Time  `json:"opened_at"`
	NextPage *time.Time `json:"next_page_at,omitempty"`
	Due      *time.Time `json:"due_at,omitempty"`
	GTI      string     `json:"gti,omitempty"`
	By       string     `json:"by,omitempty"`
	Timeline []line     `json:"timeline"`
}

// line is one line of a timeline, in the browser's language.
type line struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
	Text string    `json:"text,omitempty"`
}

func (d *Demo) state(ctx context.Context, words *lang.Words) (*state, error) {
	now := d.clock.Now()
	rules := d.daemon.Engine().Rules()
	s := &state{
		Now: now.Truncate(time.Second).UTC(), Zone: rules.Location.String(), Speed: d.clock.Speed(), Curl: d.Curl(),
		Broken: map[string]string{}, Phones: []phoneState{}, Tickets: []ticketState{},
	}
	d.broken.mu.Lock()
	for kind, how := range maps.All(d.broken.now) {
		s.Broken[string(kind)] = how
	}
	d.broken.mu.Unlock()
	duty, _ := rules.Directory.On("on-call", now)
	for _, phone := range d.phones {
		person, _ := rules.Directory.Person(phone.Name())
		p := phoneState{
			Key: person.Key, Name: person.Name, Number: phone.Number(), Language: person.Language,
			Role: cmp.Or(string(person.Role), "technician"), Messages: d.messagesOf(phone),
		}
		for _, on := range duty {
			p.OnCall = p.OnCall || on.Key == person.Key
		}
		s.Phones = append(s.Phones, p)
	}
	list, _, err := d.store.Tickets(ctx, ticket.Query{Scope: ticket.Everything(), Limit: shown})
	if err != nil {
		return nil, fmt.Errorf("demo: %w", err)
	}
	for i := range list {
		view, err := d.store.View(ctx, list[i].Number)
		if err != nil {
			return nil, fmt.Errorf("demo: %w", err)
		}
		s.Tickets = append(s.Tickets, stateOf(&view, now, words, rules))
	}
	return s, nil
}

func stateOf(v *ticket.View, now time.Time, words *lang.Words, rules *escalation.Rules) ticketState {
	t := &v.Ticket
	out := ticketState{
		Number: t.Number, State: string(t.State), Urgency: t.Urgency.String(), Title: t.Title, OpenedAt: t.OpenedAt,
		GTI: string(t.GTIState(now)), Timeline: make([]line, len(v.Timeline)),
	}
	if at := t.NextPageAt(); !at.IsZero() {
		out.NextPage = &at
	}
	if due := t.GTI.DueAt; !due.IsZero() {
		out.Due = &due
	}
	reader := lang.Reader{
		Name: func(key string) string {
			person, _ := rules.Directory.Person(key)
			return cmp.Or(person.Name, key)
		},
		At: func(at time.Time) string { return at.In(rules.Location).Format("15:04:05") },
	}
	out.By = words.Who(t.AcknowledgedBy, reader)
	for i := range v.Timeline {
		e := &v.Timeline[i]
		out.Timeline[i] = line{At: e.At, What: words.What(e, reader), Text: words.Told(e, reader)}
	}
	return out
}

// messagesOf merges what a phone got and sent, the last ones, oldest first.
func (d *Demo) messagesOf(p *phonetest.Phone) []message {
	all := []message{}
	for _, m := range p.Messages() {
		all = append(all, message{
			ID: m.SID, Kind: string(m.Kind), At: m.At, Title: m.Title, Body: m.Body, Code: m.Code(), Link: m.Link(), Buttons: buttonsOf(&m), Said: d.replies.of(m.SID),
		})
	}
	for _, m := range p.Sent() {
		at := m.At
		if at.IsZero() {
			at = m.Accepted
		}
		all = append(all, message{ID: m.SID, Kind: "mine", At: at, Body: m.Body})
	}
	slices.SortStableFunc(all, func(a, b message) int { return a.At.Compare(b.At) })
	return all[max(0, len(all)-shownTexts):]
}

// buttonsOf are those of a notification, as a browser shows them.
func buttonsOf(m *phonetest.Message) []button {
	var push struct {
		Notification struct{ Actions []button }
	}
	if m.Kind != phonetest.Push || json.Unmarshal(m.Raw, &push) != nil {
		return nil
	}
	return push.Notification.Actions
}
