package letter

import (
	"bytes"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// longestLine is how much of a line is looked at together.
	longestLine = ticket.MaxMailLine
	// packed is how much of one piece in base64 is kept. The rest is no text.
	packed = 128 << 10
	// packedLine is the shortest line that begins such a piece.
	packedLine = 40
)

// needed are the fields that are kept of a header of any length.
var needed = map[string]bool{
	"from": true, "to": true, "subject": true, "date": true, "message-id": true, "in-reply-to": true, "references": true,
	"auto-submitted": true, "content-type": true, "content-transfer-encoding": true, "content-disposition": true,
	ownField: true,
}

// Keeper keeps what can matter of a mail that is written to it. The zero value
// is ready.
type Keeper struct {
	kept   []byte
	line   []byte
	broken bool // the beginning of the line that comes was taken already

	body    bool // the header is over
	begun   bool // a field of the header was seen
	keeping bool // the last field is kept
	header  int  // bytes of the header that are kept
	most    int  // … of the fields that are needed
	field   int  // … of the last field
	hops    int
	rows    int  // lines that may begin a part
	run     int  // bytes of the piece in base64
	full    bool // nothing more is kept
	cut     bool // something was left out
}

// Write takes a part of a mail. It never fails.
func (k *Keeper) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		end := bytes.IndexByte(p, '\n') + 1
		piece := p
		if end > 0 {
			piece = p[:end]
		}
		if room := longestLine - len(k.line); len(piece) > room {
			piece, end = piece[:room], 0
		}
		p = p[len(piece):]
		k.line = append(k.line, piece...)
		if end > 0 || len(k.line) == longestLine {
			k.flush(end == 0)
		}
	}
	return n, nil
}

// Len is how many bytes are kept.
func (k *Keeper) Len() int { return len(k.kept) + len(k.line) }

// Bytes is what is kept: a mail again. Nothing may be written after that.
func (k *Keeper) Bytes() []byte {
	if len(k.line) > 0 {
		k.flush(false)
	}
	return k.kept
}

func (k *Keeper) flush(goesOn bool) {
	switch {
	case k.body:
		k.text(k.line)
	case k.broken:
		k.more(k.line)
	default:
		k.head(k.line)
	}
	k.broken = goesOn
	k.line = k.line[:0]
}

// head takes a line of the header.
func (k *Keeper) head(line []byte) {
	bare := bytes.TrimRight(line, "\r\n")
	name := fieldName(bare)
	switch {
	case len(bare) == 0:
		k.body = true
		k.kept = append(k.kept, '\r', '\n')
	case k.begun && (bare[0] == ' ' || bare[0] == '\t'):
		k.more(line)
	case name != "":
		k.begun, k.field = true, 0
		if name == "received" {
			k.hops++
		}
		if k.keeping = needed[name] && k.most < ticket.MaxLetterHeader; k.keeping {
			k.most += len(line)
		} else {
			k.keeping = k.header+len(line) <= ticket.MaxLetterHeader
		}
		k.more(line)
	case !k.begun && (bytes.HasPrefix(bare, []byte("From ")) || bytes.HasPrefix(bare, []byte(">From "))):
		// the first line of a mailbox's entry
	default: // a text without a header, or without an empty line before it
		k.body = true
		k.kept = append(k.kept, '\r', '\n')
		k.text(line)
	}
}

// more takes a line of the last field, the first one too.
func (k *Keeper) more(line []byte) {
	if !k.keeping || k.field+len(line) > ticket.MaxLetterField {
		k.cut = true
		if k.keeping && k.field == 0 {
			k.add(append(bytes.TrimRight(line[:ticket.MaxLetterField], "\r\n"), '\r', '\n'))
			k.field = ticket.MaxLetterField
		}
		return
	}
	k.field += len(line)
	k.header += len(line)
	k.add(line)
}

// text takes a line of what follows the header.
func (k *Keeper) text(line []byte) {
	if dashes := bytes.Index(line[:min(len(line), 5)], []byte("--")); dashes >= 0 {
		k.rows++
	}
	if k.full = k.full || k.rows > ticket.MaxLetterParts || len(k.kept)+len(line) > ticket.MaxLetterKept; k.full {
		k.cut = true
		return
	}
	bare := bytes.TrimRight(line, "\r\n")
	switch {
	case !isPacked(bare) || len(bare) < packedLine && k.run == 0:
		k.run = 0
	case k.run+len(line) > packed:
		k.run, k.cut = packed, true
		return
	default:
		k.run += len(line)
	}
	k.add(line)
}

// add keeps a line.
func (k *Keeper) add(line []byte) {
	k.kept = append(k.kept, line...)
}

func isPacked(line []byte) bool {
	for _, c := range line {
		if (c|0x20 < 'a' || c|0x20 > 'z') && (c < '0' || c > '9') && c != '+' && c != '/' && c != '=' {
			return false
		}
	}
	return len(line) > 0
}

// fieldName is the name of a field of a header, in small letters; empty if the
// line begins none.
func fieldName(line []byte) string {
	i := bytes.IndexByte(line, ':')
	if i <= 0 || i > 200 {
		return ""
	}
	name := bytes.TrimRight(line[:i], " \t")
	for _, c := range name {
		if c <= ' ' || c >= 0x7f {
			return ""
		}
	}
	return strings.ToLower(string(name))
}
