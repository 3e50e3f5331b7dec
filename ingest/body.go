package ingest

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"strings"

	"github.com/astreinte/astreinte/internal/ticket"
)

const (
	// firstRead is how much room is made for a body that does not say how long it
	// is. mostBelieved is the greatest length that a body's header is believed.
	firstRead    = 16 << 10
	mostBelieved = ticket.MaxBelievedLength
	// A body longer than packedFloor bytes may be mostPacked times as long as it
	// was sent. Ten thousand similar alerts pack some 40 times; gzip can pack
	// nothing more than 1,032 times.
	packedFloor = 2 << 20
	mostPacked  = ticket.MaxPacked
)

var (
	errTooLarge = errors.New("body too large")
	errBusy     = errors.New("the bodies that are being read take all memory that is set aside for them: send it again")
	errPacked   = fmt.Errorf("the body unpacks to more than %d times what was sent: that is no list of alerts; send it plain", mostPacked)
)

// counted counts what is read.
type counted struct {
	io.Reader
	n int64
}

// Read reads and counts (io.Reader).
func (c *counted) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.n += int64(n)
	return n, err //nolint:wrapcheck // a reader passes errors on as they are, io.EOF among them
}

// readBody reads a request's body and unpacks gzip. Neither form may be longer
// than most bytes. room is the memory for it.
func readBody(w http.ResponseWriter, r *http.Request, most int64, room *lease) ([]byte, error) {
	sent := &counted{Reader: http.MaxBytesReader(w, r.Body, most)}
	var body io.Reader = sent
	known := r.ContentLength
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(sent)
		if err != nil {
			return nil, bodyError(fmt.Errorf("the body says that it is gzip and is not: %w", err))
		}
		body, known = unpacked, -1
	default:
		return nil, &unsupported{encoding}
	}
	size := int64(firstRead)
	if known >= 0 {
		size = known + 1 // so it need not grow
	}
	data := make([]byte, 0)
	for {
		if len(data) == cap(data) {
			var err error
			if data, err = grown(data, min(size, mostBelieved, most+1), most, room); err != nil {
				return nil, err
			}
		}
		n, err := body.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		unpacked := int64(len(data))
		switch {
		case unpacked > most:
			return nil, errTooLarge
		case unpacked > packedFloor && unpacked/mostPacked > sent.n:
			return nil, errPacked
		case errors.Is(err, io.EOF):
			return data, nil
		case err != nil:
			return nil, bodyError(err)
		}
	}
}

// grown is data with room for more: twice as much as before, or first bytes if
// it had none, but at most one byte more than most.
func grown(data []byte, first, most int64, room *lease) ([]byte, error) {
	size := max(first, min(2*int64(cap(data)), most+1))
	if size > math.MaxInt-1 || !room.grow(size) {
		return nil, errBusy
	}
	longer := make([]byte, len(data), size)
	copy(longer, data)
	return longer, nil
}

func bodyError(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return errTooLarge
	}
	return fmt.Errorf("the body could not be read: %w", err)
}

// plain is a body without the byte order mark that some programs begin a text
// with.
func plain(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

type unsupported struct{ encoding string }

func (u *unsupported) Error() string {
	return fmt.Sprintf("content encoding %.100q is not understood: send it plain or as gzip", u.encoding)
}
