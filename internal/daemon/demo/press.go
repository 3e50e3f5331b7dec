package demo

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/phonetest"
)

// said is what stands on a notification once its button was pressed.
type said struct {
	Title string `json:"title"`
	Body  string `json:"body"`
	Bad   bool   `json:"bad"`
}

// replies remembers what was answered, by the push.
type replies struct {
	mu  sync.Mutex
	all map[string]said
}

func (r *replies) of(push string) *said {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s, ok := r.all[push]; ok {
		return &s
	}
	return nil
}

func (r *replies) keep(push string, s said) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = map[string]said{}
	}
	r.all[push] = s
}

// acknowledge presses that button of a notification. As the app's service worker
// does it posts to the link that the push has, and shows what the daemon answers.
func (d *Demo) acknowledge(r *http.Request) error {
	phone, err := d.phone(r)
	if err != nil {
		return err
	}
	messages := phone.Messages()
	i := slices.IndexFunc(messages, func(m phonetest.Message) bool { return m.Kind == phonetest.Push && m.SID == r.PostFormValue("message") })
	if i < 0 || messages[i].Data["acknowledge"] == "" {
		return errors.New("no such button")
	}
	push := &messages[i]
	form := strings.NewReader(url.Values{"action": {"acknowledge"}}.Encode())
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, push.Data["acknowledge"], form)
	if err != nil {
		return err //nolint:wrapcheck // it is shown to who pressed
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	resp, err := d.sender.Do(req)
	if err != nil {
		return err //nolint:wrapcheck // likewise
	}
	defer func() { _ = resp.Body.Close() }()
	var body reply
	if err := json.NewDecoder(io.LimitReader(resp.Body, answerLimit)).Decode(&body); err != nil {
		return err //nolint:wrapcheck // likewise
	}
	rules := d.daemon.Engine().Rules()
	person, _ := rules.Directory.Person(phone.Name())
	clock := func(at time.Time) string { return at.In(rules.Location).Format("15:04") }
	d.replies.keep(push.SID, body.said(lang.In(person.Language), resp.StatusCode, push.Data["ticket"], d.clock.Now(), clock))
	return nil
}

// phone is the one that a form names.
func (d *Demo) phone(r *http.Request) (*phonetest.Phone, error) {
	i := slices.IndexFunc(d.phones, func(p *phonetest.Phone) bool { return p.Name() == r.FormValue("phone") })
	if i < 0 {
		return nil, errors.New("no such phone")
	}
	return d.phones[i], nil
}

// reply is what the daemon answers to who pressed.
type reply struct {
	Error struct {
		Code, Message, By string
		State             ticket.State
		At                time.Time
	}
}

// said puts a reply into the app's own words.
func (a *reply) said(words *lang.Words, status int, number string, now time.Time, clock func(time.Time) string) said {
	w, e := &words.PhoneApp.Worker, &a.Error
	over := e.Code == "over" || e.State == ticket.StateResolved || e.State == ticket.Closed
	switch {
	case status < http.StatusBadRequest:
		return said{Title: w.Taken, Body: lang.Fill(w.TakenText, "ticket", number, "at", clock(now))}
	case over:
		return said{w.Over, lang.Fill(w.OverText, "ticket", number), true}
	case e.Code == "state" && e.By != "" && e.State != ticket.Open:
		return said{lang.Fill(w.Other, "who", e.By), lang.Fill(w.OtherText, "ticket", number, "at", clock(e.At)), true}
	case status >= http.StatusInternalServerError:
		return said{w.Unreached, lang.Fill(w.UnreachedText, "ticket", number), true}
	}
	return said{w.Refused, lang.Fill(w.RefusedText, "ticket", number, "why", e.Message), true}
}
