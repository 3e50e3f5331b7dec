package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/lookahead"
	"github.com/astreinte/astreinte/internal/web"
	"github.com/astreinte/astreinte/paging"
)

// Pager is what the daemon knows of itself.
type Pager interface {
	// Health is how the pager does now.
	Health(ctx context.Context) Health
}

// Health is what an operator would look for in metrics and logs. Its texts are
// the daemon's own, as /readyz says them.
type Health struct {
	Version   string
	Store     []string // why the store cannot be written; none: it can
	Warnings  []string // what /readyz warns of
	Doubts    []string // what check doubted of the configuration in force
	Providers []Provider
	Rooms     []Provider // rooms of chat
	MailIn    *MailIn    // nil: no mails are taken
	Sources   []Source
	Beats     []Beat        // heartbeats that are an alert
	Calls     []Called      // addresses that should hear of this daemon and do not
	Queued    int           // pages that wait to be sent
	Waits     time.Duration // how long the oldest of them has waited
	Late      int           // deadlines since the start that were looked at ten seconds late or later
}

// Beat is a heartbeat that is an alert, and how: late, failed, overrun.
type Beat struct{ Name, State string }

// Called is an address that is not called, or takes no call, and why.
type Called struct{ Host, Why string }

// Provider is one provider, and whether it fails.
type Provider struct {
	Channel, Name string
	Failing       bool
}

// MailIn is where mails of tools come in. It counts from the daemon's start.
type MailIn struct {
	Address   string
	Listening bool
	LastAt    time.Time // its last mail that was taken; zero: none was
	Refused   int       // connections, receivers and mails that were refused
	Returned  int       // mails of our own that came back, which open nothing
}

// Source is one source, and what it last said.
type Source struct {
	Name, Type string
	TestedAt   time.Time // its last test message; zero: none is known
	HeardAt    time.Time // its last request that was taken; zero: none is known
	Silent     bool      // it was never heard, or not for as long as it may be silent
	RefusedAt  time.Time // since when all of its requests are refused; zero: they are not
	Reason     string    // why
}

// longWait is how long a page may wait before somebody should know.
const longWait = 2 * time.Minute

// troubles are the lines of what is wrong, in the reader's words.
func (r *reader) troubles(h *Health) (lines []string) {
	words := r.words.Console.Troubles
	add := func(kind string, pairs ...string) { lines = append(lines, lang.Fill(words[kind], pairs...)) }
	if len(h.Store) > 0 {
		add("store")
	}
	for _, p := range slices.Concat(h.Providers, h.Rooms) {
		if p.Failing {
			add("provider", "name", p.Name, "channel", p.Channel)
		}
	}
	for i := range h.Sources {
		if s := &h.Sources[i]; !s.RefusedAt.IsZero() {
			add("source", "name", s.Name, "at", r.viewer().At(s.RefusedAt))
		}
	}
	if h.MailIn != nil && !h.MailIn.Listening {
		lines = append(lines, lang.Fill(r.words.MailIn.Deaf, "address", h.MailIn.Address))
	}
	beats := &r.words.Heartbeats
	for _, b := range h.Beats {
		lines = append(lines, lang.Fill(beats.Late, "name", b.Name, "state", beats.States[b.State]))
	}
	for _, c := range h.Calls {
		lines = append(lines, lang.Fill(beats.Calls, "host", c.Host, "why", c.Why))
	}
	if h.Waits > longWait {
		add("waits", "ago", r.words.Page.Lasted(h.Waits))
	}
	if len(h.Warnings) > 0 {
		add("warnings")
	}
	return lines
}

// healthPage is the body of health.
type healthPage struct {
	Health
	Troubles     []string
	Wait         string
	Mails        mailLine
	RoomsHeading string
	Unproven     []personLine // people at whom no page is known to have arrived
	Ahead        *aheadList   // what is doubtful of the coming months; nil: it is not known now
}

// aheadList is what is doubtful of the coming months.
type aheadList struct {
	Heading, None string
	Lines         []aheadLine
}

// aheadLine is one doubt. Class says how bad it is.
type aheadLine struct{ Text, Class string }

// aheadList says what is doubtful of the coming months. Nil while the store is away.
func (c *Console) aheadList(ctx context.Context, who *reader) *aheadList {
	if c.ahead == nil {
		return nil
	}
	doubts, at, err := c.ahead.Ahead(ctx)
	if err != nil {
		return nil
	}
	w := &who.words.Lookahead
	list := &aheadList{Heading: w.Heading, None: w.None}
	r := lookahead.Reader{Language: who.words.Tag, Directory: who.rules.Directory, Location: who.rules.Location, Now: at}
	for i := range doubts {
		line := aheadLine{Text: r.Say(&doubts[i]), Class: "warn"}
		if k := doubts[i].Kind; k == lookahead.Gap || k == lookahead.Nobody {
			line.Class = "bad"
		}
		list.Lines = append(list.Lines, line)
	}
	return list
}

// mailLine is what health says of mails that come in.
type mailLine struct{ Heading, State, Class, Rest string }

// mails says how the listener for mails does.
func (r *reader) mails(m *MailIn) mailLine {
	if m == nil {
		return mailLine{}
	}
	w := &r.words.MailIn
	line := mailLine{Heading: w.Heading, State: r.words.Console.Well, Class: "good"}
	if !m.Listening {
		line.State, line.Class = r.words.Console.Trouble, "bad"
	}
	last := w.NoMail
	if !m.LastAt.IsZero() {
		last = lang.Fill(w.Last, "at", r.viewer().At(m.LastAt), "ago", r.words.Page.Lasted(r.now.Sub(m.LastAt)))
	}
	said := []string{lang.Fill(w.Listens, "address", m.Address), last, lang.Fill(w.Refused, "n", strconv.Itoa(m.Refused))}
	if m.Returned > 0 {
		said = append(said, lang.Fill(w.Returned, "n", strconv.Itoa(m.Returned)))
	}
	line.Rest = strings.Join(said, " · ")
	return line
}

func (c *Console) showHealth(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	body := healthPage{}
	if c.pager != nil {
		body.Health = c.pager.Health(r.Context())
	}
	body.Troubles, body.Mails = who.troubles(&body.Health), who.mails(body.MailIn)
	body.RoomsHeading = who.words.Rooms.Title
	if body.Waits > 0 {
		body.Wait = lang.Fill(who.words.Console.Oldest, "ago", who.words.Page.Lasted(body.Waits))
	}
	people := who.rules.Directory.People()
	devices, err := c.people.Devices(r.Context(), "")
	if err != nil {
		people = nil // the store is away: that is said above
	}
	missed, err := c.missed(r.Context(), devices, who.now)
	if err != nil {
		people = nil
	}
	for i := range people {
		test, err := c.lastTest(r.Context(), people[i].Key)
		if err != nil {
			break
		}
		said, proven := who.proof(test, ofPerson(devices, people[i].Key))
		gone := who.goneSaid(len(paging.GoneOf(missed, people[i].Key)))
		if !proven || gone != "" {
			body.Unproven = append(body.Unproven, personLine{Key: people[i].Key, Name: people[i].Name, Proof: said, Gone: gone})
		}
	}
	body.Ahead = c.aheadList(r.Context(), who)
	f := c.frame(r, who, who.words.Console.Health)
	f.On, f.Live, f.Every, f.Body = "health", true, 60, body
	return c.show(w, r, http.StatusOK, "health", f)
}

// sourceLine is a source as its page shows it.
type sourceLine struct {
	Name, Type, Heard, State, Class, Reason string
}

func (c *Console) showSources(w http.ResponseWriter, r *http.Request, by web.Token) error {
	who := c.reader(r, by)
	words, v := &who.words.Console, who.viewer()
	var lines []sourceLine
	if c.pager != nil {
		h := c.pager.Health(r.Context())
		for i := range h.Sources {
			s := &h.Sources[i]
			line := sourceLine{Name: s.Name, Type: s.Type, Heard: words.NeverHeard, State: words.Well, Class: "good"}
			if !s.HeardAt.IsZero() {
				line.Heard = v.At(s.HeardAt) + " · " + who.words.Page.Lasted(who.now.Sub(s.HeardAt))
			}
			if s.Silent || s.HeardAt.IsZero() {
				line.State, line.Class = words.Silent, "warn"
			}
			if !s.TestedAt.IsZero() {
				line.Heard += " · " + words.TestHeard + " " + v.At(s.TestedAt)
			}
			if !s.RefusedAt.IsZero() {
				line.State, line.Class, line.Reason = words.Refused+" · "+v.At(s.RefusedAt), "bad", s.Reason
			}
			lines = append(lines, line)
		}
	}
	f := c.frame(r, who, words.Sources)
	f.On, f.Live, f.Every, f.Body = "health", true, 60, lines
	return c.show(w, r, http.StatusOK, "sources", f)
}
