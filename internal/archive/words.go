package archive

import (
	"encoding/json"
	"hash/fnv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"

	"github.com/astreinte/astreinte/internal/ticket"
)

// The most that is kept of a ticket's words, in bytes, and that is looked for.
const (
	wordsKept  = 64 << 10
	wordKept   = 64
	wordsAsked = 8
	textAsked  = 500
)

// Fold splits a text into words: letters and digits, small, without accents. It
// is the same for what is kept and what is looked for, on either database. So
// both find the same, in French, Italian and English.
func Fold(text string) (words []string) {
	var b strings.Builder
	end := func() {
		if b.Len() > 0 {
			words = append(words, begin(b.String(), wordKept))
			b.Reset()
		}
	}
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case r == 'œ' || r == 'Œ':
			b.WriteString("oe")
		case r == 'æ' || r == 'Æ':
			b.WriteString("ae")
		case r == 'ß':
			b.WriteString("ss")
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			end()
		}
	}
	end()
	return words
}

// asked are the words that a text looks for.
func asked(text string) []string {
	words := Fold(begin(text, textAsked))
	return words[:min(len(words), wordsAsked)]
}

// wording is what is found of a ticket.
type wording struct{ title, text string }

func (w *wording) hash() int64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(w.title + "\x00" + w.text)) // it cannot fail
	return int64(h.Sum64())                           //nolint:gosec // any number will do
}

// wordsOf are a ticket's words: of its number and title, and of what people
// wrote and tools said of it.
func wordsOf(c *ticket.Changed, s *sheet) wording {
	t := &c.View.Ticket
	title := titleOf(t)
	text := []string{t.Customer, t.Site, t.Host, s.Application, s.Category, s.Equipment, s.Description, s.Symptoms, s.Synthesis, s.Restored}
	for i := range s.Tasks {
		text = append(text, s.Tasks[i].Text)
	}
	for i := range c.View.Timeline {
		if e := &c.View.Timeline[i]; e.Kind == ticket.EntryNote || e.Kind == ticket.EntryOpened || e.Kind == ticket.EntryResolved {
			text = append(text, e.Text)
		}
	}
	return wording{begin(strings.Join(title, " "), wordsKept), begin(strings.Join(Fold(strings.Join(text, "\n")), " "), wordsKept)}
}

// titleOf are the words of a ticket's number and title.
func titleOf(t *ticket.Ticket) []string { return append(Fold(t.Number), Fold(t.Title)...) }

// begin is at most n bytes of s, in whole characters.
func begin(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return strings.Clone(s[:n])
}

// begun is how many letters of a word's beginning are looked up at once. More of them are
// looked for among the words that begin so.
const begun = 12

// vector is a wording as PostgreSQL keeps it: each word and each beginning of one that finds
// it, once, with weight A if it is of the title. Without the beginnings the database gathers
// all words that begin so for each search, which takes a quarter of a second where four
// words are common (ADR 64).
func (w *wording) vector() string {
	var b strings.Builder
	seen := map[string]bool{}
	add := func(text, weight string) {
		one := func(lexeme string) {
			if !seen[lexeme] {
				seen[lexeme] = true
				b.WriteString("'" + lexeme + "':" + weight + " ")
			}
		}
		for word := range strings.FieldsSeq(text) {
			letters := 0
			for at, letter := range word {
				end := at + utf8.RuneLen(letter)
				if letters++; end >= prefixed && letters <= begun {
					one(word[:end])
				}
			}
			one(word)
		}
	}
	add(w.title, "1A")
	add(w.text, "2")
	return b.String()
}

// sheet is what the archive reads of a ticket's sheet (ticket.SheetRecords).
type sheet struct {
	Origin      string        `json:"origin"`
	Application string        `json:"application"`
	Equipment   string        `json:"equipment"`
	Category    string        `json:"category"`
	Domain      string        `json:"domain"`
	Service     string        `json:"service"`
	Billable    string        `json:"billable"` // yes, no
	Description string        `json:"description"`
	Symptoms    string        `json:"symptoms"`
	Synthesis   string        `json:"synthesis"`
	Restored    string        `json:"restored"`
	Contact     *ticket.Party `json:"contact"`
	Requester   *ticket.Party `json:"requester"`
	Beneficiary *ticket.Party `json:"beneficiary"`
	Tasks       []struct {
		Text string `json:"text"`
	} `json:"tasks"`
}

// sheetOf reads a ticket's sheet by the names of its fields in JSON. Of one that
// cannot be read, nothing is found.
func sheetOf(of *ticket.Sheet) (s sheet) {
	if of == nil {
		return s
	}
	text, err := of.Value()
	if err != nil || json.Unmarshal(text, &s) != nil {
		return sheet{}
	}
	return s
}
