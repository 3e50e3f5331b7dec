package words

import (
	"github.com/astreinte/astreinte/internal/lang"
	"github.com/astreinte/astreinte/internal/ticket"
)

// phrases are the texts for phones, in one language.
type phrases struct {
	*lang.Phone
	words *lang.Words
}

func phrasesIn(tag string) *phrases {
	w := lang.In(tag)
	return &phrases{Phone: &w.Phone, words: w}
}

// word is the language's own word for an urgency.
func (p *phrases) word(u ticket.Urgency) string { return p.words.UrgencyWord(u) }
