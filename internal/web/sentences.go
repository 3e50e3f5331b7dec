package web

import (
	"regexp"
	"strings"
	"time"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The texts of a timeline are English. Those that are ours are taken apart
// here and said in the reader's language; one that has another form, and what
// people wrote, is shown as it is.
var (
	roundText  = regexp.MustCompile(`^step (\d+|every manager), round (\d+): (.+)$`)
	pageText   = regexp.MustCompile(`(?s)^(\w+) to (\S+): (.+)$`)
	raisedText = regexp.MustCompile(`^(\w+), was (\w+)$`)
)

// sentence is an English sentence of the engine or the outbox. Its groups are
// the {names} in the words that phrases.sentences has under its key.
type sentence struct {
	key  string
	form *regexp.Regexp
}

func says(key, form string) sentence { return sentence{key, regexp.MustCompile(`(?s)^` + form + `$`)} }

var (
	// sendings are what became of a page.
	sendings = []sentence{
		says("again", `(?P<sending>.*) \(again: what became of the try before is unknown\)`),
		says("forgotten", `(?P<sending>.*); devices that are gone and were forgotten: (?P<n>\d+)`),
		says("bundled", `sent in one SMS for (?P<n>\d+) tickets, the worst (?P<worst>\S+)`),
		says("sent", `sent(?P<error>: .*|)`),
		says("delivered", `delivered(?P<error>: .*|)`),
		says("undelivered", `undelivered(?P<error>: .*|)`),
		says("failed", `failed(?: for good)?(?P<error>: .*|)`),
		says("unclear", `no answer: whether it was sent is unknown, so it is sent again unless a receipt comes first: (?P<error>.*)`),
		says("refused", `refused for now, tried again in (?P<wait>\S+): (?P<error>.*)`),
		says("held", `held until its calendar opens`),
		says("dropped", `not sent: (?P<why>.*)`),
	}
	// whys are why a page was not sent.
	whys = []sentence{
		says("unknown", `nobody by that name, or no such channel, is configured any more`),
		says("unpaged", `the pages to this person never went out`),
		says("old", `no longer news`),
		says("overtaken", `overtaken by a later round`),
		says("replaced", `its step was replaced by a later one`),
		says("off duty", `no longer on duty`),
	}
	// happenings are the rest.
	happenings = []sentence{
		says("joined", `a new alert joined while it was taken: (?P<title>.*)`),
		says("joined unseen", `a new alert joined, and (?:neither )?whoever took the ticket (?:nor anybody on duty can|cannot) be told: (?P<title>.*)`),
		says("joined, channels", `a new alert joined, and nobody was reached: by their other channels`),
		says("joined, on duty", `a new alert joined, and nobody was reached: whoever is on duty now`),
		says("joined, managers", `a new alert joined, and nobody was reached: every manager`),
		says("joined, nobody", `a new alert joined, and nobody at all can be told`),
		says("once more", `step (?P<step>\d+|every manager), once more: (?P<who>\S+) by (?P<channel>\w+)`),
		says("out of reach", `step (?P<step>\d+|every manager), group (?P<group>.*): nobody on duty can be reached by (?P<channels>.*)`),
		says("no group", `step (?P<step>\d+|every manager), group (?P<group>.*): there is no such group any more`),
		says("nobody", `nobody at all can be reached: no manager has a usable channel`),
		says("handover", `(?P<who>\S+) is no longer on duty for (?P<group>.*)`),
		says("all over", `all alerts are resolved by their sender`),
		says("over meanwhile", `its alerts were resolved by their sender meanwhile`),
		says("silent", `source silent: its alerts were not heard of any more, and somebody had taken it`),
		says("none firing", `no alert of it fires`),
		says("firing", `(?P<n>\d+) firing`),
		says("firing, heard", `(?P<n>\d+) firing, last heard of at (?P<at>\S+)`),
		says("firing, silent", `(?P<n>\d+) firing, (?P<silent>\d+) of them silent`),
		says("firing, silent, heard", `(?P<n>\d+) firing, (?P<silent>\d+) of them silent, last heard of at (?P<at>\S+)`),
	}
)

// entry says one line of the timeline: what happened, by whom, and the words
// that came with it.
func (v *viewer) entry(e *ticket.Entry) entryLine {
	line := entryLine{What: v.events[e.Kind], Text: strings.TrimSpace(e.Text)}
	if line.What == "" {
		line.What = string(e.Kind)
	}
	if e.Actor != nil && e.Actor.Kind != ticket.ActorSender && e.Kind != ticket.EntryAckExpired {
		line.What += " " + v.byWord + " " + v.who(e.Actor)
	}
	if by := v.vias[e.Via]; by != "" {
		line.What += " (" + by + ")"
	}
	if e.Actor != nil && e.Actor.Token != "" {
		line.What += ", " + v.tokenWord + " " + e.Actor.Token
	}
	switch e.Kind {
	case ticket.EntryPaged:
		line.Text = v.round(line.Text)
	case ticket.EntryPage:
		line.Text = v.sent(line.Text)
	case ticket.EntryUnreachable, ticket.EntryHandover, ticket.EntryRecheck:
		line.Text = v.translate(happenings, line.Text)
	case ticket.EntryResolved:
		if e.Actor == nil || e.Actor.Kind == ticket.ActorSender || e.Actor.Kind == ticket.ActorSystem {
			line.Text = v.translate(happenings, line.Text)
		}
	case ticket.EntryUrgency:
		if m := raisedText.FindStringSubmatch(line.Text); m != nil {
			line.Text = v.urgencyWord(m[2]) + " → " + v.urgencyWord(m[1])
		}
	case ticket.EntrySilent:
		line.Text = strings.TrimPrefix(line.Text, "no longer heard of: ")
	case ticket.EntryAssigned:
		line.Text = "→ " + v.name(strings.TrimPrefix(line.Text, "to "))
	case ticket.EntryEpisode, ticket.EntryAckExpired, ticket.EntryFolded:
		line.Text = "" // the event says it all
	default:
	}
	return line
}

// translate says a text by the first of the sentences that it is; any other
// stays as it is.
func (v *viewer) translate(sentences []sentence, text string) string {
	for _, s := range sentences {
		m := s.form.FindStringSubmatch(text)
		if m == nil {
			continue
		}
		var pairs []string
		for i, name := range s.form.SubexpNames() {
			if name != "" {
				pairs = append(pairs, "{"+name+"}", v.part(name, m[i]))
			}
		}
		return strings.NewReplacer(pairs...).Replace(v.sentences[s.key])
	}
	return text
}

// part is what a group of a sentence says.
func (v *viewer) part(name, text string) string {
	switch name {
	case "who":
		return v.name(text)
	case "step":
		return v.step(text)
	case "why":
		return v.translate(whys, text)
	case "sending":
		return v.translate(sendings, text)
	case "at":
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return v.at(at)
		}
	}
	return text
}

// round says "step 1, round 2: alice by push, sms; bruno by sms".
func (v *viewer) round(text string) string {
	m := roundText.FindStringSubmatch(text)
	if m == nil {
		return v.translate(happenings, text)
	}
	var people []string
	for item := range strings.SplitSeq(m[3], "; ") {
		key, channels, found := strings.Cut(item, " by ")
		if !found {
			return text
		}
		people = append(people, v.name(key)+" ("+channels+")")
	}
	return v.step(m[1]) + ", " + v.roundWord + " " + m[2] + " : " + strings.Join(people, ", ")
}

func (v *viewer) step(name string) string {
	if name == "every manager" {
		return v.everyManager
	}
	return v.stepWord + " " + name
}

// sent says "sms to alice: delivered", or "receipt: delivered" where the page
// was found by its message.
func (v *viewer) sent(text string) string {
	if said, found := strings.CutPrefix(text, "receipt: "); found {
		return v.translate(sendings, said)
	}
	m := pageText.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	return m[1] + " → " + v.name(m[2]) + " : " + v.translate(sendings, m[3])
}

func (v *viewer) name(key string) string {
	return v.who(&ticket.Actor{Kind: ticket.ActorPerson, Name: key})
}

func (v *viewer) urgencyWord(name string) string {
	u, err := ticket.ParseUrgency(name)
	if err != nil {
		return name
	}
	return v.urgency[u]
}
