package words

// Note is an SMS that is no page: what it says, how to answer and a link, each where
// there is one, in one segment of GSM-7. What it says gives way to the rest, and how to
// answer to a link that leaves no room.
func Note(text, ask, link string) string {
	text, ask = Transliterate(Valid(text, 4*GsmSingle)), Transliterate(ask)
	for {
		rest := join("\n", ask, link)
		room := GsmSingle
		if rest != "" {
			room -= length(rest) + 1
		}
		for most := min(len([]rune(text)), room); most > 0 && room >= leastNote; most-- { // some letters count twice
			if said := shorten(text, most, ".."); length(said) <= room {
				return join("\n", said, rest)
			}
		}
		if ask == "" {
			return rest
		}
		ask = ""
	}
}

// leastNote is how many characters what a note says has at least.
const leastNote = 40
