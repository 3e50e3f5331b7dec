package paging

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// phrasesIn finds a language by its tag ("fr", "fr-CH"); English where there
// is no such language here.
func phrasesIn(lang string) *phrases {
	tag, _, _ := strings.Cut(strings.ReplaceAll(strings.ToLower(lang), "_", "-"), "-")
	switch tag {
	case "fr":
		return &french
	case "it":
		return &italian
	}
	return &english
}

// word is the language's own word for an urgency.
func (p *phrases) word(u ticket.Urgency) string {
	if u < 0 || int(u) >= len(p.urgency) {
		u = ticket.UrgencyUnknown
	}
	return p.urgency[u]
}

// fill writes data into a phrase: pairs of a name and its value. Braces in the
// data are data.
func fill(phrase string, pairs ...string) string {
	braced := make([]string, len(pairs))
	for i, s := range pairs {
		if i%2 == 0 {
			s = "{" + s + "}"
		}
		braced[i] = s
	}
	return strings.NewReplacer(braced...).Replace(phrase)
}
