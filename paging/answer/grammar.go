package answer

import (
	"regexp"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"github.com/astreinte/astreinte/internal/ticket"
	"github.com/astreinte/astreinte/paging/words"
)

// Verb is what an answer asks for.
type Verb int8

// The verbs of an answer (README.md#answers).
const (
	VerbNothing        Verb = iota // a reaction, a mere quotation, no words at all: nobody answered
	VerbAcknowledge                // 12, OK, OUI, SI, YES, ACK, A, 👍
	VerbPickUp                     // GO
	VerbRecheck                    // T, R
	VerbEscalate                   // E, NON, NO
	VerbResolve                    // FIN, FINE, DONE
	VerbUndo                       // UNDO
	VerbNote                       // N and a text, or any other words
	VerbList                       // ?
	VerbAcknowledgeAll             // TOUT, TUTTO, ALL
	VerbHelp                       // AIDE, AIUTO, HELP
	VerbToken                      // the token of a link, or the link
	VerbSnooze                     // Z
	VerbDuty                       // GARDE, DUTY, TURNO
)

// Answer is an answer by SMS, as far as its words say. The caller finds out
// whether its code or token exists.
type Answer struct {
	Verb Verb
	Code int // 11 to 9999; 0: none

	// Note is the text of a note. It is never empty with VerbNote. With VerbToken
	// it is the line as it came: one long word looks like a token, and is a note
	// if no link has it.
	Note  string
	Token string  // with VerbToken
	Duty  DutyAsk // with VerbDuty

	// Text is the whole line, if Code is a number that a note without an N begins
	// or ends with. "30 servers down" is a note on code 30 only if the phone has
	// such a code. Otherwise Text is the note, and there is no code.
	Text string
}

// What a code looks like, and how much of a text is read.
const (
	leastCode  = 11
	leastToken = 12 // characters of a link's token
	mostToken  = 24
)

// ParseAnswer reads a text that came from a phone. The first line counts, in
// whole words of any of the three languages. Case, accents and punctuation do
// not matter. The code may be before or after the word.
//
// What is not exactly an answer is a note, so that no word is lost and nothing
// happens that was not meant. Two codes, or two different words, make a note
// too. Quotations of our own messages, as phones send them with reactions, are
// skipped; what was written beside them counts.
func ParseAnswer(body string) Answer {
	line := firstLine(unquoted(visible(words.Valid(body, ticket.MaxText))))
	if token := linkToken(line); token != "" {
		return Answer{Verb: VerbToken, Token: token, Note: line}
	}
	ws, asks := wordsOf(line)
	if len(ws) == 0 {
		if asks {
			return Answer{Verb: VerbList}
		}
		return Answer{}
	}
	if ask, ok := dutyAsk(line, ws); ok {
		return Answer{Verb: VerbDuty, Duty: ask}
	}
	if a, ok := command(ws, asks); ok {
		return a
	}
	a := note(line, ws)
	a.Note, a.Text = ticket.Cut(a.Note, ticket.MaxNote), ticket.Cut(a.Text, ticket.MaxNote)
	return a
}

// String writes the answer in its shortest form. ParseAnswer reads that as the
// same verb, code, token and note.
func (a Answer) String() string {
	word := map[Verb]string{
		VerbAcknowledge: "OK", VerbSnooze: "Z", VerbPickUp: "GO", VerbRecheck: "T", VerbEscalate: "E", VerbResolve: "FIN",
		VerbUndo: "UNDO", VerbDuty: "GARDE" + a.Duty.String(), VerbNote: "N " + a.Note, VerbList: "?", VerbAcknowledgeAll: "TOUT", VerbHelp: "HELP", VerbToken: a.Token,
	}[a.Verb]
	if a.Code > 0 {
		return strconv.Itoa(a.Code) + " " + word
	}
	return word
}

// verbOf is what a folded word asks for. ok is false for any other word, and
// for N, which needs a text.
func verbOf(word string) (v Verb, ok bool) {
	switch word {
	case "ok", "oui", "si", "yes", "ack", "a", thumb:
		return VerbAcknowledge, true
	case "z":
		return VerbSnooze, true
	case "go":
		return VerbPickUp, true
	case "t", "r":
		return VerbRecheck, true
	case "e", "non", "no":
		return VerbEscalate, true
	case "fin", "fine", "done":
		return VerbResolve, true
	case "undo":
		return VerbUndo, true
	case "tout", "tutto", "all":
		return VerbAcknowledgeAll, true
	case "aide", "aiuto", "help":
		return VerbHelp, true
	}
	return VerbNothing, false
}

// command reads a line with nothing but one verb, said once or more, and at
// most one code.
func command(ws []word, asks bool) (Answer, bool) {
	var a Answer
	numbers := 0
	for _, w := range ws {
		if w.number {
			numbers++
			a.Code = w.code()
			if a.Code == 0 || numbers > 1 {
				return a, false
			}
			continue
		}
		v, ok := verbOf(w.text)
		if !ok || (a.Verb != VerbNothing && a.Verb != v) {
			return a, false
		}
		a.Verb = v
	}
	switch {
	case a.Verb == VerbNothing && asks: // "12 ?" acknowledges nothing
		a.Verb = VerbList
	case a.Verb == VerbNothing:
		a.Verb = VerbAcknowledge
	case a.Verb == VerbAcknowledgeAll && a.Code > 0:
		return a, false
	}
	return a, true
}

// note reads a line of other words.
func note(line string, ws []word) Answer {
	if len(ws) > 1 && ws[0].code() > 0 && ws[1].isN() {
		if text := noteText(line[ws[1].end:]); text != "" {
			return Answer{Verb: VerbNote, Code: ws[0].code(), Note: text}
		}
	}
	if ws[0].isN() {
		if text := noteText(line[ws[0].end:]); text != "" {
			code, rest := leadingCode(line, ws[1:])
			if code > 0 {
				return Answer{Verb: VerbNote, Code: code, Note: rest, Text: text}
			}
			return Answer{Verb: VerbNote, Note: text}
		}
	}
	text := noteText(line)
	if code, rest := leadingCode(line, ws); code > 0 {
		return Answer{Verb: VerbNote, Code: code, Note: rest, Text: text}
	}
	if code := trailingCode(line, ws); code > 0 {
		return Answer{Verb: VerbNote, Code: code, Note: text, Text: text}
	}
	return Answer{Verb: VerbNote, Note: text}
}

// noteText leaves out what separates a code, or an N, from a note.
func noteText(s string) string {
	for {
		t := strings.TrimLeft(s, " :,;.!)?")
		for _, dash := range []string{"-", "–", "—"} {
			if rest, ok := strings.CutPrefix(t, dash); ok && (rest == "" || rest[0] == ' ') {
				t = rest
			}
		}
		if t == s {
			return strings.TrimRight(t, " ")
		}
		s = t
	}
}

// leadingCode is the code that a note begins with: a number by itself, and not
// the first of several. "12h30", "95% full" and "12 13 OK" have none.
func leadingCode(line string, ws []word) (code int, rest string) {
	if len(ws) < 2 || ws[0].code() == 0 || ws[1].number {
		return 0, ""
	}
	rest = line[ws[0].end:]
	if !strings.ContainsAny(rest[:1], " :,;.!)?") {
		return 0, ""
	}
	return ws[0].code(), noteText(rest)
}

// trailingCode is the code that a note ends with, by the same rule. It stays
// in the note.
func trailingCode(line string, ws []word) int {
	last := len(ws) - 1
	if last < 1 || ws[0].number || ws[last-1].number {
		return 0
	}
	before, after := line[:ws[last].start], strings.TrimRight(line[ws[last].end:], " .!?)")
	if after != "" || !strings.HasSuffix(strings.TrimRight(before, "#("), " ") {
		return 0
	}
	return ws[last].code()
}

// linkToken is the token in a line of one word, if that looks like a token, or
// like a link that ends in one.
func linkToken(line string) string {
	if strings.ContainsRune(line, ' ') {
		return ""
	}
	token := strings.Trim(line, `.,;:!?<>()[]"'“”«»…`)
	if i := strings.LastIndex(token, words.LinkSegment); i >= 0 {
		token = token[i+len(words.LinkSegment):]
		if end := strings.IndexAny(token, "?#/&"); end >= 0 {
			token = token[:end]
		}
	}
	if len(token) < leastToken || len(token) > mostToken || strings.ContainsFunc(token, notOfToken) {
		return ""
	}
	return token
}

func notOfToken(r rune) bool {
	return r != '-' && r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
}

// thumb is 👍, in any skin colour.
const thumb = "👍"

// word is a word, a number or a sign in a line.
type word struct {
	text       string // lower case, without accents
	number     bool
	start, end int  // in the line
	elided     bool // an apostrophe follows, as after the n of "n'est"
}

// isN reports whether the word is the N that begins a note.
func (w word) isN() bool { return w.text == "n" && !w.elided }

// code is the number's code; 0 if it is none.
func (w word) code() int {
	if !w.number || w.text[0] == '0' || len(w.text) > len(strconv.Itoa(words.MostCode)) {
		return 0
	}
	n, err := strconv.Atoi(w.text)
	if err != nil || n < leastCode {
		return 0
	}
	return n
}

// wordsOf takes a line apart. Letters and digits are separate words ("12ok").
// Signs such as emoji are words too. Punctuation is left out. asks says
// whether there was a question mark.
func wordsOf(line string) (ws []word, asks bool) {
	open := false // the last word may continue
	for i, r := range line {
		size := len(string(r))
		folded := fold(r)
		if folded == "" && open {
			ws[len(ws)-1].end = i + size
		}
		for _, c := range folded {
			number, sign := c >= '0' && c <= '9', string(c) == thumb || unicode.Is(unicode.So, c)
			switch {
			case !number && !sign && !unicode.IsLetter(c) && !unicode.IsNumber(c):
				asks = asks || c == '?'
				if open {
					ws[len(ws)-1].elided = c == '\'' || c == '’'
				}
				open = false
			case open && !sign && ws[len(ws)-1].number == number:
				ws[len(ws)-1].text += string(c)
				ws[len(ws)-1].end = i + size
			default:
				ws = append(ws, word{text: string(c), number: number, start: i, end: i + size})
				open = !sign
			}
		}
	}
	return ws, asks
}

// fold is a character in lower case, without its accent, width or style. A
// mark, a joiner or a skin colour becomes nothing.
func fold(r rune) string {
	var b strings.Builder
	for _, c := range norm.NFKD.String(string(r)) {
		skin := c >= 0x1f3fb && c <= 0x1f3ff
		if !skin && !unicode.In(c, unicode.M, unicode.Cf) {
			b.WriteRune(unicode.ToLower(c))
		}
	}
	return b.String()
}

// visible is a text as people see it: composed, with single plain spaces in
// each line, and nothing invisible except the joiner that some emoji need.
func visible(body string) string {
	body = strings.Map(func(r rune) rune {
		switch {
		case strings.ContainsRune("\r\v\f\u0085\u2028\u2029", r):
			return '\n'
		case r == '\u200d' || r == '\n':
			return r
		case unicode.Is(unicode.Cf, r):
			return -1
		case unicode.IsControl(r) || unicode.IsSpace(r):
			return ' '
		}
		return r
	}, body)
	lines := strings.Split(norm.NFC.String(body), "\n")
	for i, l := range lines {
		lines[i] = strings.Join(strings.Fields(l), " ")
	}
	return strings.Join(lines, "\n")
}

func firstLine(body string) string {
	for l := range strings.Lines(body) {
		if l = strings.TrimSpace(l); l != "" {
			return l
		}
	}
	return ""
}

// How our own pages say how to answer, and how they end (phrases.ask and what
// follows it).
var (
	ownAnswers = regexp.MustCompile(`(?i)(REPONDRE|REPLY|RISPONDI) [1-9][0-9]{1,3} (OK|GO) =`)
	ownLink    = regexp.MustCompile(`https?://\S+/a/\S+`)
	timeOfDay  = regexp.MustCompile(`[0-9]{2}:[0-9]{2}`)
)

// unquoted leaves out of a visible text what it quotes: lines after ">", what
// a phone's reaction quotes, and our own pages.
func unquoted(body string) string {
	lines := strings.Split(body, "\n")
	for i, l := range lines {
		if strings.HasPrefix(l, "> ") || strings.HasPrefix(l, ">>") || l == ">" {
			lines[i] = ""
		}
	}
	return withoutPages(withoutReaction(strings.Join(lines, "\n")))
}

// withoutPages cuts out each whole page: from the line above its answers, if
// that has a time, to its link.
func withoutPages(body string) string {
	for {
		at := ownAnswers.FindStringIndex(body)
		if at == nil {
			return body
		}
		start := strings.LastIndexByte(body[:at[0]], '\n') + 1
		if start > 0 && notWritten(body[start:at[0]]) {
			if above := strings.LastIndexByte(body[:start-1], '\n') + 1; timeOfDay.MatchString(body[above:start]) {
				start = above
			}
		}
		end := at[1] + strings.IndexByte(body[at[1]:]+"\n", '\n')
		if link := ownLink.FindStringIndex(body[at[1]:min(len(body), at[1]+2*words.GsmSingle)]); link != nil {
			end = at[1] + link[1]
		}
		body = body[:start] + "\n" + body[end:]
	}
}

// notWritten reports whether s has no words.
func notWritten(s string) bool {
	ws, _ := wordsOf(s)
	return len(ws) == 0
}
