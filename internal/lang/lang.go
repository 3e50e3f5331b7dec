// Package lang is the catalogue: everything that is said to people, in each
// language, one file a language.
//
// A text has places in braces, as in "{code} TAKEN {at}", that Fill fills. A
// text for phones (Phone) is written so that it stays in GSM-7, the small
// alphabet of SMS. What happened to a ticket is kept without words
// (ticket.Entry), and Words.Told says it to one reader.
//
// A new language is a file like en.go and a line in All.
package lang

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/internal/ticket"
)

// Words is all that is said in one language.
type Words struct {
	Tag       string                      // of the language: "fr"
	Urgency   [ticket.Critical + 1]string // by ticket.Urgency, in capital letters of GSM-7
	Phone     Phone
	Page      Page
	Timeline  Timeline
	Console   Console
	Push      Push
	Mail      Mail
	MailIn    MailIn
	PhoneApp  PhoneApp
	SignIn    SignIn
	Duty      Duty
	Ready     Ready
	Lapse     Lapse
	Lookahead Lookahead
	Night     Night
	Feed      Feed
	Imported  Imported
	Silences  Silences
	Customers Customers
	Rooms     Rooms
	Files     Files
	Work      Work
	Proof     Proof
	Evidence  Evidence
	Elsewhere Elsewhere
	Pool      Pool
	Views     Views
	Forms     Forms
	Desk      Desk
	Sources   Sources
	Recheck   Recheck
	Back      Back
	Audit     Audit
	Clock     Clock
	Away      Away
	Title     Title
	App       App
	Demo      map[string]string // the demo's page, by the names that its script has

	Heartbeats Heartbeats
	DutyReport DutyReport // the duty report, and its monthly document
}

// All lists the languages. The first is for whoever has none of them.
func All() []*Words { return []*Words{&english, &french, &italian} }

// In finds a language by its tag ("fr", "fr-CH", "fr_FR.UTF-8"). If there is
// no such language, it is English.
func In(tag string) *Words {
	w, _ := find(tag)
	return w
}

// Accepted finds the best of our languages in an Accept-Language header;
// English if it names none. Of several it takes the one that is named first,
// because every browser and client lists the best one first.
func Accepted(header string) *Words {
	for part := range strings.SplitSeq(header, ",") {
		tag, weight, _ := strings.Cut(part, ";")
		if strings.TrimSpace(weight) == "q=0" {
			continue
		}
		if w, ok := find(strings.TrimSpace(tag)); ok {
			return w
		}
	}
	return &english
}

func find(tag string) (w *Words, ok bool) {
	first := func(r rune) bool { return r == '-' || r == '_' || r == '.' }
	if i := strings.IndexFunc(tag, first); i >= 0 {
		tag = tag[:i]
	}
	for _, w := range All() {
		if strings.EqualFold(w.Tag, tag) {
			return w, true
		}
	}
	return &english, false
}

// UrgencyWord is the language's own word for an urgency.
func (w *Words) UrgencyWord(u ticket.Urgency) string {
	if u < 0 || int(u) >= len(w.Urgency) {
		u = ticket.UrgencyUnknown
	}
	return w.Urgency[u]
}

// Fill writes data into a text. pairs are names of places, each with its text.
// Braces in the data stay.
func Fill(text string, pairs ...string) string {
	return expand(text, func(name string) string {
		for i := 0; i+1 < len(pairs); i += 2 {
			if pairs[i] == name {
				return pairs[i+1]
			}
		}
		return "{" + name + "}"
	})
}

// Capital is a text as it begins a sentence.
func Capital(text string) string {
	r, size := utf8.DecodeRuneInString(text)
	return string(unicode.ToUpper(r)) + text[size:]
}

// expand writes into each {place} of a text what value returns for it.
func expand(text string, value func(name string) string) string {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(text, "{")
		name, after, closed := strings.Cut(rest, "}")
		out.WriteString(before)
		if !found || !closed {
			if found {
				out.WriteString("{" + rest)
			}
			return out.String()
		}
		out.WriteString(value(name))
		text = after
	}
}
