package mailin

import (
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

// dots looks for a line with a dot alone which a bare LF or CR begins or ends:
// some mail servers take it for the end of a mail, and what follows for
// commands. In a mail by DATA the first dot of a line that CRLF begins is no
// part of the mail (RFC 5321, 4.5.2), so that such a line looks empty. The zero
// value is at the beginning of a mail that comes otherwise.
type dots struct {
	undotted bool // the mail comes by DATA
	bare     bool // no CRLF began the line
	n        int  // bytes of the line
	dot      bool // it is a dot
	cr       bool // the last byte was CR
	found    bool
}

func (d *dots) look(data []byte) {
	for _, c := range data {
		switch {
		case c == '\n':
			d.end(!d.cr)
			d.cr = false
		case c == '\r':
			if d.cr {
				d.end(true)
			}
			d.cr = true
		default:
			if d.cr {
				d.end(true)
				d.cr = false
			}
			d.n++
			d.dot = d.n == 1 && c == '.'
		}
	}
}

func (d *dots) end(bare bool) {
	lost := d.undotted && bare && !d.bare && d.n == 0
	d.found = d.found || d.dot && (d.bare || bare) || lost
	d.bare, d.n, d.dot = bare, 0, false
}

// oneLine is a reason as it may stand in an answer: printable ASCII, and short.
func oneLine(reason string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, ticket.Logged(strings.Join(strings.Fields(reason), " ")))
}
