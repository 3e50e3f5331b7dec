// Package proof shows of a ticket that nobody rewrote it: as JSON, and as a page that checks
// itself (docs/adr/0069-evidence.md).
package proof

import (
	"bytes"
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/astreinte/astreinte/escalation"
	"github.com/astreinte/astreinte/internal/desk"
	"github.com/astreinte/astreinte/internal/evidence"
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/internal/web/look"
)

// Archive is what the package needs of the archive.
type Archive interface {
	// Proof is a ticket's proof, and the ticket as it is proven. It fails with
	// escalation.ErrNotFound if the archive does not have it.
	Proof(ctx context.Context, number string) (evidence.Proof, ticket.View, error)
}

// Engine is what the pages ask of escalation.Engine.
type Engine interface {
	// Rules are those in force.
	Rules() *escalation.Rules
	// Now is the time that tickets are judged by.
	Now() time.Time
}

// Pages serves proofs. It is safe for concurrent use. A proof has all that is kept of a
// ticket, addresses of pages too: it is for managers, who may hand it on.
type Pages struct {
	Archive Archive
	Frame   web.Frame
	Engine  Engine
}

// Routes are the whole surface of the package, for web.Server.Mount.
func (p *Pages) Routes() []web.Route {
	return []web.Route{
		{Method: http.MethodGet, Path: "/api/v1/tickets/{number}/proof", Needs: desk.Manager, Do: p.answer},
		{Method: http.MethodGet, Path: "/tickets/{number}/proof", Needs: desk.Manager, Do: p.download, Fail: p.Frame.Fail},
	}
}

// answer answers the proof as JSON, or as its page to whoever accepts HTML alone.
func (p *Pages) answer(w http.ResponseWriter, r *http.Request, by web.Token) error {
	if accept := r.Header.Get("Accept"); strings.HasPrefix(accept, "text/html") {
		return p.download(w, r, by)
	}
	proof, _, err := p.Archive.Proof(r.Context(), r.PathValue("number"))
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	return web.Answer(w, http.StatusOK, proof)
}

// download answers the page as a file: opened from a disk it checks itself, and in this
// daemon's place it would be one more page that runs scripts.
func (p *Pages) download(w http.ResponseWriter, r *http.Request, by web.Token) error {
	number := r.PathValue("number")
	proof, view, err := p.Archive.Proof(r.Context(), number)
	if err != nil {
		return err //nolint:wrapcheck // it names itself
	}
	var page bytes.Buffer
	if err := evidence.WritePage(&page, &proof, p.shown(r, by, &view)); err != nil {
		return err //nolint:wrapcheck // likewise
	}
	h := w.Header()
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Content-Disposition", "attachment; filename*=UTF-8''"+url.PathEscape(proof.Number)+".html")
	h.Set("Content-Security-Policy", "sandbox")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Cache-Control", "no-store")
	_, err = w.Write(page.Bytes())
	return err //nolint:wrapcheck // whoever asked has gone
}

// shown is what the page says in words.
func (p *Pages) shown(r *http.Request, by web.Token, view *ticket.View) *evidence.Shown {
	words, rules, t := p.Frame.Words(r, by), p.Engine.Rules(), &view.Ticket
	v := look.For(by.Person, words, rules, p.Engine.Now())
	v.Ticket = t
	at := func(t time.Time) string { return t.In(rules.Location).Format("2006-01-02 15:04:05 MST") }
	reader := lang.Reader{Name: v.Name, At: at}
	state, _ := v.State()
	told := rules.TellClock(t, p.Engine.Now())
	s := &evidence.Shown{
		Language: words.Tag, Title: t.Title, Words: words.Proof.Page,
		Clock: append([]string{words.ClockSum(&lang.ClockState{
			State: told.State, Began: told.Began, Due: told.Due, Stopped: told.Stopped, Within: told.Within, Used: told.Used, Calendar: told.Calendar,
		}, reader)}, spans(&told, words, reader)...),
	}
	for _, other := range rules.TellClocks(t, p.Engine.Now()) {
		s.Clock = append(s.Clock, words.ClockName(other.Kind)+": "+words.ClockSum(&lang.ClockState{
			State: other.State, Began: other.Began, Due: other.Due, Stopped: other.Stopped, Within: other.Within, Used: other.Used, Calendar: other.Calendar,
		}, reader))
		s.Clock = append(s.Clock, spans(&other, words, reader)...)
	}
	customer := t.Customer
	if c, known := rules.Customer(t.Customer); known && c.Name != "" {
		customer = c.Name
	}
	for _, f := range [][2]string{
		{words.Proof.Customer, customer},
		{words.Proof.Urgency, words.UrgencyWord(t.Urgency)},
		{words.Proof.State, state},
		{words.Proof.Opened, at(t.OpenedAt)},
		{words.Proof.Made, at(p.Engine.Now())},
	} {
		if f[1] != "" {
			s.Facts = append(s.Facts, f)
		}
	}
	for i := range view.Timeline {
		e := &view.Timeline[i]
		line := at(e.At) + " · " + words.What(e, reader)
		if text := words.Told(e, reader); text != "" {
			line += ": " + text
		}
		s.Timeline = append(s.Timeline, line)
	}
	return s
}

// spans are the parts of a clock's time, and why they count or do not.
func spans(told *escalation.ClockTold, words *lang.Words, reader lang.Reader) (lines []string) {
	for i := range told.Spans {
		s := &told.Spans[i]
		counts := "–"
		if s.Counted > 0 {
			counts = s.Counted.Truncate(time.Second).String()
		}
		lines = append(lines, reader.At(s.From)+" – "+reader.At(s.To)+" · "+counts+" · "+words.SpanWhy(s, told.Calendar, told.Holiday(s.Day), reader))
	}
	return lines
}
