package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"time"
)

// Ticket is a ticket as the API tells it, in the fields that the commands show.
// Times that have not come are zero.
type Ticket struct {
	Number   string `json:"number"`
	Kind     string `json:"kind"`
	State    string `json:"state"`
	Urgency  string `json:"urgency"`
	Customer string `json:"customer"`
	Site     string `json:"site"`
	Contract string `json:"contract"`
	Title    string `json:"title"`
	Source   string `json:"source"`

	OpenedAt       time.Time `json:"opened_at"`
	AcknowledgedAt time.Time `json:"acknowledged_at"`
	AcknowledgedBy string    `json:"acknowledged_by"`
	SnoozedUntil   time.Time `json:"snoozed_until"`
	PickedUpAt     time.Time `json:"picked_up_at"`
	PickedUpBy     string    `json:"picked_up_by"`
	ResolvedAt     time.Time `json:"resolved_at"`
	ResolvedBy     string    `json:"resolved_by"`
	ClosedAt       time.Time `json:"closed_at"`
	Assignee       string    `json:"assignee"`
	Tier           string    `json:"tier"`
	Group          string    `json:"group"` // whose pool it is in while nobody has it
	Owner          string    `json:"owner"`
	With           []Helper  `json:"with"`

	Policy     string    `json:"policy"`
	Episode    int       `json:"episode"`
	Step       int       `json:"step"` // from 0
	NextPageAt time.Time `json:"next_page_at"`
	// Silenced is the silence that holds back its pages; nil: none does.
	Silenced *struct {
		ID    string    `json:"id"`
		Until time.Time `json:"until"`
	} `json:"silenced"`

	// What is said of it, of one ticket.
	Origin           string            `json:"origin"`
	Contact          *Party            `json:"contact"`
	Requester        *Party            `json:"requester"`
	Beneficiary      *Party            `json:"beneficiary"`
	Description      string            `json:"description"`
	Symptoms         string            `json:"symptoms"`
	Application      string            `json:"application"`
	Equipment        string            `json:"equipment"`
	Category         string            `json:"category"`
	Domain           string            `json:"domain"`
	Service          string            `json:"service"`
	Impact           string            `json:"impact"`
	BusinessImpact   string            `json:"business_impact"`
	Workaround       string            `json:"workaround"`
	Strategic        string            `json:"strategic"`
	RequesterUrgency string            `json:"requester_urgency"`
	Complexity       string            `json:"complexity"`
	Billable         string            `json:"billable"`
	ReportedAt       time.Time         `json:"reported_at"`
	Custom           map[string]string `json:"custom"`
	Synthesis        string            `json:"synthesis"`
	Restored         string            `json:"restored"`

	GTI      GTI          `json:"gti"`
	Clocks   []ClockState `json:"clocks"`
	Alerts   Alerts       `json:"alerts"`
	Pages    []Page       `json:"pages"`    // of one ticket, not of a list's
	Timeline []Entry      `json:"timeline"` // likewise
	LeftOut  int          `json:"left_out"` // lines that the timeline has no room for

	Tasks []Task `json:"tasks"`

	Checklist []Point  `json:"checklist"`
	Meeting   string   `json:"meeting"`
	Questions []string `json:"questions"`

	SeenBefore *SeenBefore `json:"seen_before"` // nil: its trouble is new, or nobody can say

	Raw json.RawMessage `json:"-"` // the whole answer, of one ticket
}

// Helper is a person or a group who helps with a ticket.
type Helper struct {
	Person string `json:"person"`
	Group  string `json:"group"`
}

// GTI is a ticket's clock. State is running, paused, met, missed or none.
type GTI struct {
	DueAt    time.Time `json:"due_at"`
	Within   string    `json:"within"` // 1h, 1h30m
	Calendar string    `json:"calendar"`
	State    string    `json:"state"`
}

// ClockState is how one of a ticket's other clocks stands: respond, call_back, news or
// resolve.
type ClockState struct {
	Kind string `json:"kind"`
	GTI
}

// Clock is a ticket's clock, explained.
type Clock struct {
	State     string      `json:"state"`
	StartedAt time.Time   `json:"started_at"`
	DueAt     time.Time   `json:"due_at"`
	StoppedAt time.Time   `json:"stopped_at"`
	Within    string      `json:"within"`
	Used      string      `json:"used"`
	Left      string      `json:"left"`
	Late      string      `json:"late"`
	Text      string      `json:"text"` // all of it in words
	Spans     []ClockSpan `json:"spans"`
	Ahead     []ClockSpan `json:"ahead"`

	Kind   string  `json:"kind"`   // of one of the other clocks
	Missed int     `json:"missed"` // of its earlier runs
	By     string  `json:"ended_by"`
	Task   string  `json:"ended_task"`
	Clocks []Clock `json:"clocks"` // the ticket's other clocks
	// Treatment is how long it was treated; nil: not yet.
	Treatment *struct {
		Counted string `json:"counted"`
		Minutes int    `json:"minutes"`
		Text    string `json:"text"` // in words
	} `json:"treatment"`

	Raw json.RawMessage `json:"-"`
}

// ClockSpan is a part of its time, and why it counts or does not.
type ClockSpan struct {
	From    time.Time `json:"from"`
	To      time.Time `json:"to"`
	Counted bool      `json:"counted"`
	Why     string    `json:"why"`
	Length  string    `json:"length"` // what counts of it, if that is not all
}

// Clock explains a ticket's clock.
func (c *Client) Clock(ctx context.Context, number string) (Clock, error) {
	data, err := c.do(ctx, http.MethodGet, "/api/v1/tickets/"+url.PathEscape(number)+"/clock", nil, nil)
	if err != nil {
		return Clock{}, err
	}
	clock := Clock{Raw: data}
	return clock, decode("clock", data, &clock)
}

// Alerts counts a ticket's alerts.
type Alerts struct {
	Firing   int     `json:"firing"`
	Resolved int     `json:"resolved"`
	Sample   []Alert `json:"sample"`
}

// Alert is one of them. Status is firing, resolved or silent.
type Alert struct {
	Title  string    `json:"title"`
	Status string    `json:"status"`
	LastAt time.Time `json:"last_at"`
}

// Page is one attempt to reach one person by one channel.
type Page struct {
	Person  string    `json:"person"`
	Channel string    `json:"channel"`
	At      time.Time `json:"at"`
	State   string    `json:"state"`
	Error   string    `json:"error"`
	// Provider is who was asked to take it last, empty if nobody was yet.
	Provider string `json:"provider"`
	// Carries are the numbers of the other tickets that its message told of.
	Carries []string `json:"carries"`
}

// Entry is one line of a ticket's timeline.
type Entry struct {
	At    time.Time `json:"at"`
	Kind  string    `json:"kind"`
	Actor *Actor    `json:"actor"` // nil: nobody did it
	Via   string    `json:"via"`
	Page  string    `json:"page"`
	Text  string    `json:"text"`
}

// Actor is who did something.
type Actor struct {
	Kind  string `json:"kind"`
	Name  string `json:"name"`
	Token string `json:"token"` // of a person who acted by one; else empty
}

// Query selects tickets; empty fields select all.
type Query struct {
	States    []string
	Urgencies []string
	Customer  string
	Assignee  string
	Text      string            // words, as the API finds them
	More      map[string]string // other parameters; empty ones are left out
	Cursor    string            // List.Next of the list before
	Limit     int               // 1 to 1000; 0: the API's default
}

func (q *Query) values() url.Values {
	v := url.Values{}
	for name, text := range q.More {
		if text != "" {
			v.Set(name, text)
		}
	}
	for name, text := range map[string]string{"customer": q.Customer, "assignee": q.Assignee, "q": q.Text, "cursor": q.Cursor} {
		if text != "" {
			v.Set(name, text)
		}
	}
	if len(q.States) > 0 {
		v["state"] = q.States
	}
	if len(q.Urgencies) > 0 {
		v["urgency"] = q.Urgencies
	}
	if q.Limit != 0 {
		v.Set("limit", strconv.Itoa(q.Limit))
	}
	return v
}

// List is a part of all tickets, newest first.
type List struct {
	Tickets []Ticket        `json:"tickets"`
	Next    string          `json:"next"`                // cursor of the part after it, empty at the end
	Away    time.Time       `json:"away_since,omitzero"` // the store is away since then: only what came since is there
	Missing string          `json:"missing,omitempty"`   // what the list lacks
	Raw     json.RawMessage `json:"-"`
}

// Tickets lists tickets.
func (c *Client) Tickets(ctx context.Context, q Query) (List, error) {
	data, err := c.do(ctx, http.MethodGet, "/api/v1/tickets", q.values(), nil)
	if err != nil {
		return List{}, err
	}
	list := List{Raw: data}
	return list, decode("tickets", data, &list)
}

// Ticket is one ticket with its pages and timeline.
func (c *Client) Ticket(ctx context.Context, number string) (Ticket, error) {
	data, err := c.do(ctx, http.MethodGet, "/api/v1/tickets/"+url.PathEscape(number), nil, nil)
	return ticketOf(data, err)
}

// Actions that Act takes, by the API's names.
const (
	Acknowledge = "acknowledge"
	Snooze      = "snooze"
	PickUp      = "pickup"
	Resolve     = "resolve"
	Reopen      = "reopen"
	Escalate    = "escalate"
	Note        = "note"
	Pause       = "pause"
	Resume      = "resume"
	Take        = "take"
	Release     = "release"
	Assign      = "assign"
	TierUp      = "escalate_tier"
	TierDown    = "deescalate_tier"
)

// Deed is something done to a ticket.
type Deed struct {
	Action string `json:"-"`
	Person string `json:"person,omitempty"` // for whom, by key; empty: for the token
	Text   string `json:"text,omitempty"`   // a note's words, or a word with another action
	For    string `json:"for,omitempty"`    // of a snooze, as 30m
	Reason string `json:"reason,omitempty"` // of a pause
	Group  string `json:"group,omitempty"`  // of an assign or a tier: into whose pool
	As     string `json:"as,omitempty"`     // of an assign: owner, with, without; empty: the ticket is theirs
}

// Act does something to a ticket and returns the ticket as it is then. If
// its state does not allow it, the error's Status is 409.
func (c *Client) Act(ctx context.Context, number string, d Deed) (Ticket, error) {
	data, err := c.do(ctx, http.MethodPost, "/api/v1/tickets/"+url.PathEscape(number)+"/"+url.PathEscape(d.Action), nil, d)
	return ticketOf(data, err)
}

func ticketOf(data json.RawMessage, err error) (Ticket, error) {
	if err != nil {
		return Ticket{}, err
	}
	t := Ticket{Raw: data}
	return t, decode("ticket", data, &t)
}

// Duty is who of a group is on call. Since and Until are zero if it was or
// will be always so.
type Duty struct {
	Group  string       `json:"group"`
	People []string     `json:"people"`
	Why    []Assignment `json:"why,omitempty"` // of each of People, as a daemon tells it
	Since  time.Time    `json:"since,omitzero"`
	Until  time.Time    `json:"until,omitzero"`
	Next   []string     `json:"next"`
	Tier   string       `json:"tier,omitempty"`
	// Calendar is set if the group's rotation is kept elsewhere.
	Calendar *DutyCalendar `json:"calendar,omitempty"`
}

// DutyCalendar is what a daemon knows of a calendar that is kept elsewhere.
type DutyCalendar struct {
	Host    string    `json:"host"`
	ReadAt  time.Time `json:"read_at,omitzero"` // zero: never
	Error   string    `json:"error,omitempty"`  // why the last try did not do
	Old     bool      `json:"old,omitempty"`
	Unknown []string  `json:"unknown,omitempty"` // events that name nobody who is configured
	Odd     []string  `json:"odd,omitempty"`     // events that cannot be understood
}

// OnCall is who is on call in each group, at a time or, if that is zero, now.
func (c *Client) OnCall(ctx context.Context, at time.Time) ([]Duty, error) {
	query := url.Values{}
	if !at.IsZero() {
		query.Set("at", at.UTC().Format(time.RFC3339))
	}
	data, err := c.do(ctx, http.MethodGet, "/api/v1/oncall", query, nil)
	if err != nil {
		return nil, err
	}
	var duties []Duty
	return duties, decode("oncall", data, &duties)
}
