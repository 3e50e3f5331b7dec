package answer

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// withoutReaction is what a person wrote beside a reaction. To phones that
// know no reactions, iOS and Android send the reaction in words, and then the
// text that it is about, in quotation marks. Any other text is returned as it
// is.
func withoutReaction(body string) string {
	rest, found := withoutQuotation(body, isReaction)
	for found {
		body = rest
		rest, found = withoutQuotation(body, isTowards)
	}
	return body
}

// withoutQuotation is what follows the first quotation of a text, if that
// begins in the first line and asked accepts the words before it.
func withoutQuotation(body string, asked func(before string) bool) (rest string, found bool) {
	first := firstLine(body)
	for i, r := range first {
		ends, opens := closing(r)
		if !opens || (r == '\'' && !strings.HasSuffix(first[:i], " ")) {
			continue
		}
		if !asked(first[:i]) {
			break
		}
		quoted := body[strings.Index(body, first)+i+len(string(r)):]
		if !strings.ContainsAny(quoted, ends) {
			return "", true // the end was cut off
		}
		end := strings.LastIndexAny(quoted, ends)
		_, size := utf8.DecodeRuneInString(quoted[end:])
		return strings.TrimLeft(quoted[end+size:], " .,;:!\n"), true
	}
	return body, false
}

// closing is the sign that ends the quotation that r opens.
func closing(r rune) (ends string, opens bool) {
	switch r {
	case '"', '\'':
		return string(r), true
	case '“', '„':
		return "”“", true
	case '«':
		return "»", true
	case '‘', '‚':
		return "’", true
	}
	return "", false
}

// reactions are the words with which phones begin to tell a reaction in the
// three languages, folded. * is an emoji.
//
//nolint:misspell // French and Italian
var reactions = []string{
	"liked", "loved", "disliked", "laughed at", "emphasized", "emphasised", "questioned", "reacted",
	"removed a like", "removed a heart", "removed a dislike", "removed a laugh", "removed an exclamation",
	"removed a question", "removed *", "removed an emoji",
	"a aime", "a adore", "n a pas aime", "a ri", "a mis en", "a souligne", "a pose une question", "a attribue la mention",
	"a ajoute un", "a ajoute une", "a reagi", "a retire un", "a retire une", "a retire *", "a retire la mention",
	"a supprime un", "a supprime une", "a supprime *", "s est interroge", "s interroge", "a mis un", "a mis une",
	"ha messo", "ha riso", "ha aggiunto un", "ha aggiunto mi piace", "ha aggiunto *", "ha evidenziato", "ha enfatizzato",
	"ha sottolineato", "ha contestato", "ha dubitato", "ha domandato", "ha reagito", "ha apprezzato", "ha amato", "ha adorato",
	"non ha apprezzato", "ha rimosso un", "ha rimosso *", "ha rimosso mi piace", "ha tolto un", "ha tolto *", "ha tolto mi piace",
}

// isReaction reports whether the words before a quotation are those of a
// reaction: one of the above, or an emoji and a small word ("👍 to").
func isReaction(before string) bool {
	ws, _ := wordsOf(before)
	said := make([]string, len(ws))
	for i, w := range ws {
		said[i] = w.text
		if !unicode.IsLetter([]rune(w.text)[0]) && !w.number {
			said[i] = "*"
		}
	}
	line := strings.Join(said, " ") + " "
	for _, r := range reactions {
		if strings.HasPrefix(line, r+" ") {
			return true
		}
	}
	return strings.HasPrefix(line, "*") && isTowards(strings.TrimLeft(line, "* "))
}

// isTowards reports whether there is nothing, or only a preposition, between a
// reaction and the quotation that it is about.
func isTowards(before string) bool {
	switch strings.TrimSpace(strings.ToLower(before)) {
	case "", "to", "from", "a", "à", "sur", "de", "pour", "su", "da", "di", "per":
		return true
	}
	return false
}
