package phonetest

import (
	"strings"
	"unicode/utf16"
)

// The alphabets of an SMS, as Message.Encoding names them.
const (
	GSM7 = "GSM-7"
	UCS2 = "UCS-2"
)

// The characters of GSM 03.38. Basic ones take one septet; those of the
// extension table take two. The small c with cedilla is in neither.
const (
	gsmBasic = "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ" +
		" !\"#¤%&'()*+,-./0123456789:;<=>?" +
		"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§" +
		"¿abcdefghijklmnopqrstuvwxyzäöñüà"
	gsmExtension = "\f^{}\\[~]|€"
)

// segments says in which alphabet body goes out, and in how many parts, at
// least one. A GSM-7 message holds 160 septets alone and 153 in each part; a
// UCS-2 message holds 70 and 67 UTF-16 units. One character outside GSM-7
// turns the whole message. No character is split between two parts.
func segments(body string) (encoding string, n int) {
	widths := make([]int, 0, len(body))
	for _, r := range body {
		width := septets(r)
		if width == 0 {
			return UCS2, parts(utf16Widths(body), 70, 67)
		}
		widths = append(widths, width)
	}
	return GSM7, parts(widths, 160, 153)
}

// septets is how many septets r takes in GSM-7; 0 if GSM-7 does not have it.
func septets(r rune) int {
	switch {
	case strings.ContainsRune(gsmBasic, r):
		return 1
	case strings.ContainsRune(gsmExtension, r):
		return 2
	}
	return 0
}

func utf16Widths(body string) []int {
	var widths []int
	for _, r := range body {
		widths = append(widths, max(utf16.RuneLen(r), 1))
	}
	return widths
}

// parts packs characters of these widths: into one message if they fit,
// otherwise into parts.
func parts(widths []int, alone, part int) int {
	total := 0
	for _, width := range widths {
		total += width
	}
	if total <= alone {
		return 1
	}
	n, room := 0, 0
	for _, width := range widths {
		if width > room {
			n, room = n+1, part
		}
		room -= width
	}
	return n
}
