package web

import (
	"regexp"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The texts of a timeline are English. Those that the page meets most are
// taken apart here and said in the reader's language; one that has another
// form is shown as it is.
var (
	roundText  = regexp.MustCompile(`^step (\d+|every manager), round (\d+): (.+)$`)
	pageText   = regexp.MustCompile(`^(\w+) to (\S+): (sent|delivered|undelivered|failed for good)(.*)$`)
	raisedText = regexp.MustCompile(`^(\w+), was (\w+)$`)
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
	switch e.Kind {
	case ticket.EntryPaged:
		line.Text = v.round(line.Text)
	case ticket.EntryPage:
		line.Text = v.sent(line.Text)
	case ticket.EntryUrgency:
		if m := raisedText.FindStringSubmatch(line.Text); m != nil {
			line.Text = v.urgencyWord(m[2]) + " → " + v.urgencyWord(m[1])
		}
	case ticket.EntrySilent:
		line.Text = strings.TrimPrefix(line.Text, "no longer heard of: ")
	case ticket.EntryAssigned:
		line.Text = "→ " + v.name(strings.TrimPrefix(line.Text, "to "))
	case ticket.EntryEpisode, ticket.EntryAckExpired:
		line.Text = "" // the event says it all
	default:
	}
	return line
}

// round says "step 1, round 2: alice by push, sms; bruno by sms".
func (v *viewer) round(text string) string {
	m := roundText.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	step := v.stepWord + " " + m[1]
	if m[1] == "every manager" {
		step = v.everyManager
	}
	var people []string
	for item := range strings.SplitSeq(m[3], "; ") {
		key, channels, found := strings.Cut(item, " by ")
		if !found {
			return text
		}
		people = append(people, v.name(key)+" ("+channels+")")
	}
	return step + ", " + v.roundWord + " " + m[2] + " : " + strings.Join(people, ", ")
}

// sent says "sms to alice: delivered".
func (v *viewer) sent(text string) string {
	m := pageText.FindStringSubmatch(text)
	if m == nil {
		return text
	}
	return m[1] + " → " + v.name(m[2]) + " : " + v.sendings[m[3]] + m[4]
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
