package words

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-unidecode"
	"golang.org/x/text/unicode/norm"
)

// foreign reports whether a text has letters that GSM-7 cannot write, nor their
// Latin look-alikes without accents stand for.
func foreign(s string) bool {
	return strings.ContainsFunc(norm.NFC.String(s), func(r rune) bool {
		_, ok := plain(r)
		return unicode.IsLetter(r) && !ok && !gsmBasic(r) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited)
	})
}

// wide writes s for UCS-2, on one line: letters with their marks, digits and
// signs of any script as they are. Emoji, and what is not seen, are left out.
func wide(s string) string {
	var b strings.Builder
	for _, r := range norm.NFC.String(strings.ToValidUTF8(s, "")) {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			b.WriteByte(' ')
		case r >= firstPicture && unicode.Is(unicode.So, r), unicode.In(r, unicode.Variation_Selector, unicode.Me, unicode.Sk):
		case unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S):
			b.WriteRune(r)
		}
	}
	return strings.Join(strings.Fields(b.String()), " ")
}

// spelt is a character of another script in Latin letters, empty if there is
// no such spelling and for emoji.
func spelt(r rune) string {
	if !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P) {
		return ""
	}
	var b strings.Builder
	for _, c := range unidecode.Unidecode(string(r)) {
		if s, ok := plain(c); ok {
			b.WriteString(s)
		} else if gsmBasic(c) && c != '?' && c != '\r' && c != '\n' {
			b.WriteRune(c)
		}
	}
	return b.String()
}

// firstPicture is where signs become pictures: arrows, dingbats, emoji.
const firstPicture = 0x2190

// otherScript reports whether r is a letter, or a mark, of another script than Latin.
func otherScript(r rune) bool {
	return r >= 0x80 && unicode.In(r, unicode.L, unicode.M) && !unicode.In(r, unicode.Latin, unicode.Common, unicode.Inherited)
}

// greekWords writes words in Greek in Latin letters, those too that GSM-7 has
// (capitals), where it lacks one of the word's: no word is half of each.
func greekWords(s string) string {
	lacks := func(r rune) bool { return unicode.Is(unicode.Greek, r) && !gsmBasic(r) && r != 'μ' }
	if !strings.ContainsFunc(s, lacks) {
		return s
	}
	var b, word strings.Builder
	end := func() {
		for _, r := range word.String() {
			if strings.ContainsFunc(word.String(), lacks) && unicode.Is(unicode.Greek, r) {
				b.WriteString(spelt(r))
				continue
			}
			b.WriteRune(r)
		}
		word.Reset()
	}
	for _, r := range s {
		if unicode.In(r, unicode.L, unicode.M) {
			word.WriteRune(r)
			continue
		}
		end()
		b.WriteRune(r)
	}
	end()
	return b.String()
}
