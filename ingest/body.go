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
)

const (
	// firstRead is how much is made room for where a body does not say how long
	// it is, and mostBelieved the longest that is believed to come because its
	// header says so.
	firstRead    = 16 << 10
	mostBelieved = 1 << 20
	// A body of more than packedFloor bytes may be mostPacked times as long as
	// it was sent. Ten thousand alerts that are alike pack some 40 times; gzip
	// cannot pack anything more than 1,032 times.
	packedFloor = 2 << 20
	mostPacked  = 250
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
	return n, err //nolint:wrapcheck // a reader passes on what it is told, io.EOF among it
}

// readBody reads a request's body, unpacking gzip, up to most bytes of either.
// Its room is the lease's.
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
		size = known + 1 // and it need not grow
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

// grown is data with room for more: twice as much as it had, first bytes where
// it had none, and one byte more than most at most.
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

// plain is a body without the mark that some programs begin a text with.
func plain(data []byte) []byte { return bytes.TrimPrefix(data, []byte("\xef\xbb\xbf")) }

type unsupported struct{ encoding string }

func (u *unsupported) Error() string {
	return fmt.Sprintf("content encoding %.100q is not understood: send it plain or as gzip", u.encoding)
}
