package ingest

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// mailWord is a word of a subject that says how something is.
type mailWord struct {
	words    string // as a regular expression
	over     bool   // it says an end
	clear    bool   // … wherever it stands
	severity string
	of       string // what stands for it in the key: an end of this is no end of that
}

// mailWords are those words, in the languages of the house. The first that fits
// at a place counts.
var mailWords = []mailWord{
	// Pairs that have no word in common.
	{words: `no longer on battery(?: power)?|on (?:line|utility|mains) power|power (?:has )?(?:returned|restored|back)|utility power (?:has been )?restored|off battery`, over: true, clear: true, of: "power"},
	{words: `on battery(?: power)?(?: in response to an? [a-z ]+)?|power (?:failure|outage|fail(?:ed)?)|input power problem`, severity: severityCritical, of: "power"},
	{words: `communications?(?: with (?:the )?ups)?(?: \S+)? (?:restored|established)|communications?(?: has been)? (?:restored|established)`, over: true, clear: true, of: "communication"},
	{words: `communications?(?: with (?:the )?ups)?(?: \S+)? lost|communications? lost|lost communications?`, severity: severityError, of: "communication"},
	{words: `rebuildfinished event`, over: true, clear: true, of: "array"},
	{words: `degradedarray event|fail event`, severity: severityError, of: "array"},
	// An end, wherever it stands.
	{words: `(?:without|no|0|zero) (?:errors?|failures?|warnings?|problems?)`, over: true, clear: true},
	{words: `back (?:to normal|online|up|ok)|returned to normal|is up again|no longer (?:down|critical|failing|firing|degraded|unreachable)`, over: true, clear: true},
	{words: `(?:problem|issue|incident|alert|alarm|error|failure)s? (?:is |was |has been |have been )?(?:resolved|solved|cleared|fixed|closed|over)`, over: true, clear: true},
	{words: `recovered|recovery|resolved|restored|succeeded|success(?:ful(?:ly)?)?|r[ée]tablie?s?|r[ée]solue?s?|r[ée]ussie?s?|ripristinat[oaie]|risolt[oaie]|riuscit[oaie]`, over: true, clear: true},
	// No end.
	{words: `(?:not|never|no|isn't|hasn't|nicht|non|un)[ -]?(?:ok|up|online|success(?:ful(?:ly)?)?|succeeded|recovered|resolved|restored|responding|reachable|available|healthy|clear(?:ed)?|normal)`, severity: severityError},
	{words: `unsuccessful(?:ly)?|incomplete`, severity: severityError},
	{words: `critical|crit|down|disaster|emergency|fatal|offline|unreachable|critique|en panne|hors ligne|critico|fuori linea`, severity: severityCritical},
	{words: `fail(?:ed|s|ure|ures|ing)?|errors?|unavailable|crashed|degraded|lost|timed? ?out|alerting|alarm|firing|problem|fault|unhealthy|[ée]chec|[ée]chou[ée]e?|erreur|panne|perdue?|alarme|errore|fallit[oaie]|guasto|allarme`, severity: severityError},
	{words: `warning|warn|avertissement|attention|avviso`, severity: severityWarning},
	{words: `information|info|notice`, severity: severityInfo},
	// An end where it is what the subject comes to.
	{words: `ok|up|online|normal|cleared|clear|closed|completed|complete|finished|healthy|available|reachable|passed|termin[ée]e?s?|completat[oaie]`, over: true},
}

var (
	// anyWord matches all of mailWords, each in a group of its own.
	anyWord = regexp.MustCompile(`(?i)(?:^|[^\pL\pN_])(?:` + alternatives() + `)(?:$|[^\pL\pN_])`)
	// A tag stands before what it says something of: [OK], RESOLVED:, ** DOWN **.
	tagBefore = regexp.MustCompile(`^[^\pL\pN]*$`)
	tagAfter  = regexp.MustCompile(`^(?::\d+)?(?: in [\w ]{1,30})?\s*(?:[:\])>!*|]|[-–—] |->|→)`)
	// The end of a subject says something of what stands before it.
	endBefore = regexp.MustCompile(`(?i)(?:\b(?:is|are|was|has|have|now|state|status|to|est|è|sono|sont)(?: (?:now|back|been|again))*|[:=\-–—>→⇒|(\[])[^\pL\pN]*$`)
	endAfter  = regexp.MustCompile(`^[^\pL\pN]*(?:\(.*\))?[^\pL\pN]*$`)
	// What is different in each mail about one thing.
	volatile  = regexp.MustCompile(`(?i)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?|\d{1,2}[/.]\d{1,2}[/.]\d{2,4}|\b\d{1,2}:\d\d(?::\d\d)?(?: ?[ap]m)?\b|\b\d+(?:[.,]\d+)? ?(?:%|ms|s|sec|secs|seconds?|m|min|mins|minutes?|h|hrs?|hours?|d|days?|heures?|jours?|secondes?|ore|giorni|minuti|secondi|objects?)\b|\b\d+(?:[.,]\d+)? ?%|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}\b`)
	howMany   = regexp.MustCompile(`(?:^|[,;:()\[\]])\s*\d+(?: (?:of|/) \d+)?\s*$`) // before a word: so many failed
	bracketed = regexp.MustCompile(`\([^()]*\)\s*$`)
	notWords  = regexp.MustCompile(`[^\pL\pN._@/:-]+`)
)

// fillers say nothing of what a subject is about.
var fillers = []string{
	"is", "are", "was", "were", "has", "have", "had", "been", "be", "now", "back", "again", "alert", "notification", "status", "state", "event",
	"detected", "occurred", "the", "a", "an", "with", "after", "no", "longer", "to", "ended", "started", "changed", "from", "in",
	"est", "a", "été", "sont", "è", "stato", "stata", "-", ":", "--", "/",
}

func alternatives() string {
	all := make([]string, len(mailWords))
	for i, w := range mailWords {
		all[i] = "(" + w.words + ")"
	}
	return strings.Join(all, "|")
}

// foundWord is a word of a subject, and where it stands.
type foundWord struct {
	mailWord
	from, to int
	tag, end bool
}

// wordsOf finds the words of a subject that say how something is.
func wordsOf(subject string) (all []foundWord) {
	for at := 0; at < len(subject) && len(all) < 20; {
		m := anyWord.FindStringSubmatchIndex(subject[at:])
		if m == nil {
			break
		}
		for i := range mailWords {
			if from := m[2+2*i]; from >= 0 {
				f := foundWord{mailWord: mailWords[i], from: at + from, to: at + m[3+2*i]}
				before, after := subject[:f.from], subject[f.to:]
				open := strings.LastIndexByte(before, '[')
				f.tag = (tagBefore.MatchString(before) || open >= 0 && tagBefore.MatchString(before[open:])) && tagAfter.MatchString(after)
				loud := subject[f.from:f.to] == strings.ToUpper(subject[f.from:f.to]) // srv-db-01 UP
				f.end = (loud || endBefore.MatchString(before)) && endAfter.MatchString(after)
				all = append(all, f)
				at = f.to
				break
			}
		}
	}
	return all
}

// verdict is the word that counts: a tag before the end of the subject, and
// that before what stands within. Within, a problem counts before an end.
func verdict(all []foundWord) *foundWord {
	for _, counts := range []func(f foundWord) bool{
		func(f foundWord) bool { return f.tag && f.severity != severityInfo },
		func(f foundWord) bool { return f.end && f.severity != severityInfo },
		func(f foundWord) bool { return !f.over && f.severity != severityInfo },
		func(f foundWord) bool { return f.over && f.clear },
	} {
		if i := slices.IndexFunc(all, counts); i >= 0 {
			return &all[i]
		}
	}
	return nil
}

// bySubject reads a mail by the words of its subject: what says an end, and
// what a problem. What is left of the subject without them, and the sender, is
// the key of both.
func bySubject(l *letter.Letter, subject string) saying {
	all := wordsOf(subject)
	word := verdict(all)
	about := aboutOf(subject, all)
	if word == nil || about == "" {
		s := neither(l)
		if word != nil && !word.over {
			s.severity = word.severity
		}
		return s
	}
	s := saying{key: l.From + "/" + about, status: ticket.Firing, severity: word.severity}
	if word.over {
		s.status, s.severity = ticket.Resolved, ""
	}
	return s
}

// neither is a mail that says neither a problem nor an end: it is meant to be
// seen. The same one again is a repeat; another text is another alert.
func neither(l *letter.Letter) saying {
	sum := sha256.Sum256([]byte(volatile.ReplaceAllString(l.Text, "")))
	about := strings.ToLower(volatile.ReplaceAllString(bareSubject(l.Subject), ""))
	return saying{key: l.From + "/" + about + "/" + fmt.Sprintf("%x", sum[:8]), status: ticket.Firing, neither: true}
}

// aboutOf is what a subject is about: it without the words that say how that is,
// and without what is different each time.
func aboutOf(subject string, all []foundWord) string {
	var b strings.Builder
	at := 0
	for _, f := range all {
		b.WriteString(howMany.ReplaceAllString(subject[at:f.from], " ") + " ")
		if f.of != "" {
			b.WriteString("{" + f.of + "} ")
		}
		at = f.to
		if rest := subject[at:]; bracketed.MatchString(rest) && endAfter.MatchString(rest) {
			at = len(subject) // a message in brackets after the word
		}
	}
	if at < len(subject) {
		b.WriteString(subject[at:])
	}
	text := strings.ToLower(volatile.ReplaceAllString(b.String(), " "))
	var words []string
	for word := range strings.FieldsSeq(notWords.ReplaceAllString(strings.ReplaceAll(text, "{", " of-"), " ")) {
		if word = strings.Trim(word, ".:-/"); word != "" && !slices.Contains(fillers, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
