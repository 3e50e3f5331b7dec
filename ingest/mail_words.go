package ingest

import (
	"crypto/sha256"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/astreinte/astreinte/ingest/mailin/letter"
	"github.com/astreinte/astreinte/internal/ticket"
)

// mailWord is a word of a subject that says how something is.
type mailWord struct {
	words    string // as a regular expression
	over     bool   // it says an end
	clear    bool   // … wherever it stands
	weak     bool   // … of a job, whatever turnsTo of it
	severity string
	of       string // what stands for it in the key: an end of this is no end of that
}

// mailWords are those words, in the languages of the house. The first that fits
// at a place counts.
var mailWords = []mailWord{
	// Pairs that have no word in common.
	{words: `no longer on battery(?: power)?|on (?:line|utility|mains) power|power (?:has )?(?:returned|restored|back)|utility power (?:has been )?restored|off battery|sur (?:le )?secteur|retour (?:du |de )?(?:courant|secteur)|rete elettrica ripristinata|ritorno (?:della )?rete`, over: true, clear: true, of: "power"},
	{words: `on battery(?: power)?(?: in response to an? [a-z ]+)?|power (?:failure|outage|fail(?:ed)?)|input power problem|sur batterie|coupure (?:de courant|[ée]lectrique|secteur)|su batteria|mancanza (?:di )?rete`, severity: severityCritical, of: "power"},
	{words: `communications?(?: with (?:the )?ups)?(?: \S+)? (?:restored|established)|communications?(?: has been)? (?:restored|established)`, over: true, clear: true, of: "communication"},
	{words: `communications?(?: with (?:the )?ups)?(?: \S+)? lost|communications? lost|lost communications?`, severity: severityError, of: "communication"},
	{words: `rebuildfinished event`, over: true, clear: true, of: "array"},
	{words: `degradedarray event|fail event`, severity: severityError, of: "array"},
	// What speaks of an end and is none.
	{words: `(?:last|latest|previous) (?:known )?(?:good|success(?:ful(?:ly)?)?)`, severity: severityError},
	{words: `success(?:ful)? (?:rate|ratio|percentage|count)|taux de (?:r[ée]ussite|succ[èe]s)|tasso di successo`, severity: severityError, of: "rate"},
	{words: `(?:in|into|entered|entering|needs?|requires?|awaiting) (?:\pL+ )?recovery|recovery (?:mode|pending|required|needed|in progress|started|point|partition|model|console|key)`, severity: severityError, of: "recovery"},
	{words: `successful (?:\pL+ ){0,2}(?:log-?[io]n|sign-?in|authentication|access)|(?:log-?[io]n|sign-?in|authentication) (?:was )?successful`, severity: severityWarning, of: "login"},
	{words: `fail-?over|switchover`, severity: severityWarning, of: "failover"},
	// An end, wherever it stands.
	{words: `(?:without|no|0|zero|sans|aucune?|nessun[oa]?|senza|pas d['’])(?: (?:any|alcun))? ?(?:errors?|failures?|warnings?|problems?|erreurs?|[ée]checs?|avertissements?|probl[èe]mes?|errore|errori|avvis[oi]|problem[ai])`, over: true, clear: true},
	{words: `back (?:to normal|online|up|ok)|returned to normal|is up again|no longer (?:down|critical|failing|firing|degraded|unreachable)`, over: true, clear: true},
	{words: `(?:retour|revenue?s?) [àa] la normale|de nouveau (?:en ligne|joignable|disponible|accessible|op[ée]rationnel(?:le)?)|di nuovo (?:online|in linea|raggiungibile|disponibile|attiv[oa]|operativ[oa])|tornat[oaie] (?:alla normalit[àa]|normale|online|in linea)`, over: true, clear: true},
	{words: `fin (?:d['’]|de l['’])(?:alerte|alarme)|fine (?:dell['’])?allarme|allarme rientrato|avec succ[èe]s|con successo`, over: true, clear: true},
	{words: `(?:problem|issue|incident|alert|alarm|error|failure)s? (?:is |was |has been |have been )?(?:resolved|solved|cleared|fixed|closed|over)`, over: true, clear: true},
	{words: `recovered|recovery|resolved|restored|succeeded|success(?:ful(?:ly)?)?|r[ée]tablie?s?|r[ée]solue?s?|r[ée]ussie?s?|ripristinat[oaie]|risolt[oaie]|riuscit[oaie]`, over: true, clear: true},
	// No end.
	{words: `(?:not|never|no|isn't|hasn't|nicht|non|pas|plus|un)[ -]?(?:ok|up|online|success(?:ful(?:ly)?)?|succeeded|recovered|resolved|restored|responding|reachable|available|healthy|clear(?:ed)?|normal|completed?|finished|r[ée]tablie?s?|r[ée]solue?s?|r[ée]ussie?s?|ripristinat[oaie]|risolt[oaie]|riuscit[oaie]|termin[ée]e?s?|completat[oaie]|joignable|disponible|accessible|raggiungibile|disponibile)`, severity: severityError},
	{words: `unsuccessful(?:ly)?|incomplete`, severity: severityError},
	{words: `critical|crit|down|disaster|emergency|fatal|offline|unreachable|injoignable|inaccessible|indisponible|irraggiungibile|critique|en panne|hors ligne|critico|fuori linea`, severity: severityCritical},
	{words: `fail(?:ed|s|ure|ures|ing)?|errors?|unavailable|crashed|degraded|exceptions?|lost|timed? ?out|alerting|triggered|alarms?|firing|problems?|probl[èe]mes?|problem[ai]|faults?|unhealthy|[ée]checs?|[ée]chou[ée]e?s?|erreurs?|pannes?|perdue?|alarmes?|errore|errori|fallit[oaie]|guast[oi]|allarm[ei]`, severity: severityError},
	{words: `warnings?|warn|avertissements?|attention|avvis[oi]`, severity: severityWarning},
	{words: `information|info|notice`, severity: severityInfo},
	// An end where it is what the subject comes to.
	{words: `ok|up|online|normal|cleared|clear|closed|healthy|available|reachable|joignable|disponible|accessible|raggiungibile|disponibile|r[ée]ussite`, over: true},
	{words: `completed|complete|finished|passed|termin[ée]e?s?|completat[oaie]`, over: true, weak: true},
}

var (
	// anyWord matches all of mailWords, each in a group of its own.
	anyWord = regexp.MustCompile(`(?i)(?:^|[^\pL\pN_])(?:` + alternatives() + `)(?:$|[^\pL\pN_])`)
	// A tag stands before what it says something of: [OK], RESOLVED:, ** DOWN **,
	// Monitor is UP:
	tagBefore = regexp.MustCompile(`(?i)^[^\pL\pN]*(?:(?:monitor|host|service|server|site|alert|incident|status)\s+(?:is |was |has been |now |est |è )*)?$`)
	tagAfter  = regexp.MustCompile(`^(?::\d+)?(?: in [\w ]{1,30})?\s*(?:[:\])>!*|]|[-–—] |->|→)`)
	// The end of a subject says something of what stands before it.
	endBefore = regexp.MustCompile(`(?i)(?:\b(?:is|are|was|has|have|now|state|status|to|est|è|sono|sont)(?: (?:now|back|been|again))*|[:=\-–—>→⇒|(\[])[^\pL\pN]*$`)
	endAfter  = regexp.MustCompile(`^[^\pL\pN]*(?:\(.*\))?[^\pL\pN]*$`)
	// An end is none after one of these, as far as the next comma.
	denied = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:not|only|seulement|solo|0 (?:of|/|sur|su|di)|\pL+n['’]t|never|no|cannot|unable|nor|above|below|under|over|than|outside|pas|plus|jamais|aucune?|non|mai|nessun[oa]?|impossib(?:le|ile)|derni[èe]re?s?|ultim[oaie])[^\pL\pN][^,;:.!|()\[\]–—]*$`)
	// What a thing was, before what it is: OK -> DOWN.
	turnsTo = regexp.MustCompile(`(?i)^[\])]*\s*(?:[-=]*>|→|➔|⇒|\bto)\s*[\[(]*$`)
	// What is different in each mail about one thing: a day, and anything that
	// stands alone (steady).
	aDay      = regexp.MustCompile(`(?i)\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?)?(?: ?(?:Z|UTC|[+-]\d\d:?\d\d))?`)
	volatile  = regexp.MustCompile(`(?i)\d{1,2}[/.]\d{1,2}[/.]\d{4}|\d\d:\d\d(?::\d\d)?(?:[.,]\d+)?(?: ?[ap]m)?|\d{1,2}:\d\d(?::\d\d)? ?[ap]m|\d+(?:[.,]\d+)?(?: ?(?:%|(?:ms|sec|secs|seconds?|min|mins|minutes?|hrs?|hours?|days?|heures?|jours?|secondes?|ore|giorni|minuti|secondi|objects?|objets?)\b)|[smhd]\b)|(?:mon|tue|wed|thu|fri|sat|sun)[a-z]{0,6},? (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]* \d{1,2}`)
	howMany   = regexp.MustCompile(`(?:^|[,;()\[\]]|:\s)\s*\d+(?: (?:of|/) \d+)?\s*$`) // before a word: so many failed
	bracketed = regexp.MustCompile(`\([^()]*\)\s*$`)
	// aMessage is what brackets after the word may say of it, rather than of what.
	aMessage = regexp.MustCompile(`(?i)(?:^|[^\pL\pN])(?:refused|timeout|http|code|status|reason|was|since|after|for|now|depuis|dopo|da|ms)(?:$|[^\pL\pN])`)
	notWords = regexp.MustCompile(`[^\pL\pN._@/:-]+`)
)

// fillers say nothing of what a subject is about.
var fillers = []string{
	"is", "are", "was", "were", "n", "alerte", "has", "have", "had", "been", "be", "now", "back", "again", "alert", "notification", "status", "state", "event",
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
	first    bool // nothing stands before it
	past     bool // it was so, and is otherwise now
	named    bool // it is a part of a name
}

// wordsOf finds the words of a subject that say how something is.
func wordsOf(subject string) (all []foundWord) {
	for at := 0; at < len(subject) && len(all) < 20; {
		m := anyWord.FindStringSubmatchIndex(subject[at:])
		if m == nil {
			break
		}
		for i := range mailWords {
			from := m[2+2*i]
			if from < 0 {
				continue
			}
			f := foundWord{mailWord: mailWords[i], from: at + from, to: at + m[3+2*i]}
			if f.named = inAName(subject, f.from, f.to); !f.named || !f.over {
				f.stand(subject, all)
				all = append(all, f)
			}
			at = f.to
			break
		}
	}
	return all
}

// stand looks at where a word stands, after those before it.
func (f *foundWord) stand(subject string, all []foundWord) {
	before, after, near := subject[:f.from], subject[f.to:], subject[:f.from]
	open := strings.LastIndexByte(before, '[')
	f.first = tagBefore.MatchString(before) || open >= 0 && tagBefore.MatchString(before[open:])
	if n := len(all); n > 0 {
		last := &all[n-1]
		if near = subject[last.to:f.from]; turnsTo.MatchString(near) {
			f.first, last.past = last.first, true
		}
	}
	f.tag = f.first && tagAfter.MatchString(after)
	loud := subject[f.from:f.to] == strings.ToUpper(subject[f.from:f.to]) // srv-db-01 UP
	f.end = (loud || endBefore.MatchString(before)) && endAfter.MatchString(after)
	if f.over && denied.MatchString(near) {
		f.over, f.clear, f.severity = false, false, severityError
	}
}

// inAName reports whether a word is a part of a name: recovery.example.net,
// systemd-resolved.
func inAName(subject string, from, to int) bool {
	const joints = "-./@\\+"
	before, size := utf8.DecodeLastRuneInString(subject[:from])
	if strings.ContainsRune(joints, before) {
		if r, _ := utf8.DecodeLastRuneInString(subject[:from-size]); isAlnum(r) {
			return true
		}
	}
	after, size := utf8.DecodeRuneInString(subject[to:])
	if strings.ContainsRune(joints, after) {
		r, _ := utf8.DecodeRuneInString(subject[to+size:])
		return isAlnum(r)
	}
	return false
}

func isAlnum(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// steady is a text without what is different in each mail about one thing. What
// is a part of a longer word stays: an address, a port 1/0/24.
func steady(text, instead string) string {
	text = aDay.ReplaceAllString(text, instead)
	var b strings.Builder
	at := 0
	for _, m := range volatile.FindAllStringIndex(text, -1) {
		before, _ := utf8.DecodeLastRuneInString(text[:m[0]])
		if isAlnum(before) || strings.ContainsRune("_:,", before) && m[0] > 1 && isAlnum(rune(text[m[0]-2])) || inAName(text, m[0], m[1]) || goesOn(text[m[1]:]) {
			continue
		}
		b.WriteString(text[at:m[0]] + instead)
		at = m[1]
	}
	return b.String() + text[at:]
}

// goesOn reports whether a word does not end there.
func goesOn(rest string) bool {
	r, size := utf8.DecodeRuneInString(rest)
	if r == ':' {
		next, _ := utf8.DecodeRuneInString(rest[size:])
		return isAlnum(next)
	}
	return isAlnum(r) || r == '_'
}

// verdict is the word that counts: a tag before the end of the subject, and
// that before what stands within. Within, a problem counts before an end, and
// before the end of a job.
func verdict(all []foundWord) *foundWord {
	for _, counts := range []func(f foundWord) bool{
		func(f foundWord) bool { return f.tag && !f.weak },
		func(f foundWord) bool { return f.end && !f.weak },
		func(f foundWord) bool { return !f.over },
		func(f foundWord) bool { return f.over && (f.clear || f.tag || f.end) },
	} {
		if i := slices.IndexFunc(all, func(f foundWord) bool { return !f.past && f.severity != severityInfo && counts(f) }); i >= 0 {
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
	sum := sha256.Sum256([]byte(steady(l.Text, "")))
	about := strings.ToLower(steady(bareSubject(l.Subject), ""))
	return saying{key: l.From + "/" + about + "/" + fmt.Sprintf("%x", sum[:8]), status: ticket.Firing, neither: true}
}

// aboutOf is what a subject is about: it without the words that say how that is,
// and without what is different each time.
func aboutOf(subject string, all []foundWord) string {
	var b strings.Builder
	at := 0
	for _, f := range all {
		if f.named || f.from < at {
			continue
		}
		b.WriteString(howMany.ReplaceAllString(subject[at:f.from], " ") + " ")
		if f.of != "" {
			b.WriteString("{" + f.of + "} ")
		}
		at = f.to
		if rest := subject[at:]; bracketed.MatchString(rest) && endAfter.MatchString(rest) && (aMessage.MatchString(rest) || anyWord.MatchString(rest)) {
			at = len(subject) // a message in brackets after the word
		}
	}
	if at < len(subject) {
		b.WriteString(subject[at:])
	}
	text := strings.ToLower(steady(b.String(), " "))
	var words []string
	for word := range strings.FieldsSeq(notWords.ReplaceAllString(strings.ReplaceAll(text, "{", " of-"), " ")) {
		if word = strings.Trim(word, ".:-/"); word != "" && !slices.Contains(fillers, word) {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}
