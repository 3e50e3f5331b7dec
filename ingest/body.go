package ingest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

var errTooLarge = errors.New("body too large")

// maxGuess is the longest body that is believed to come because its header says
// so.
const maxGuess = 1 << 20

// readBody reads a request's body, unpacking gzip, up to most bytes of either.
func readBody(w http.ResponseWriter, r *http.Request, most int64) ([]byte, error) {
	var body io.Reader = http.MaxBytesReader(w, r.Body, most)
	switch encoding := strings.ToLower(r.Header.Get("Content-Encoding")); encoding {
	case "", "identity":
	case "gzip", "x-gzip":
		unpacked, err := gzip.NewReader(body)
		if err != nil {
			return nil, bodyError(fmt.Errorf("the body says that it is gzip and is not: %w", err))
		}
		body = unpacked
	default:
		return nil, &unsupported{encoding}
	}
	var data bytes.Buffer
	if known := r.ContentLength; known > 0 && known <= maxGuess {
		data.Grow(int(known) + bytes.MinRead) // and it need not grow again
	}
	if _, err := data.ReadFrom(io.LimitReader(body, most+1)); err != nil {
		return nil, bodyError(err)
	}
	if int64(data.Len()) > most {
		return nil, errTooLarge
	}
	return data.Bytes(), nil
}

func bodyError(err error) error {
	var limit *http.MaxBytesError
	if errors.As(err, &limit) {
		return errTooLarge
	}
	return fmt.Errorf("the body could not be read: %w", err)
}

type unsupported struct{ encoding string }

func (u *unsupported) Error() string {
	return fmt.Sprintf("content encoding %q is not understood: send it plain or as gzip", u.encoding)
}

// explain says what is wrong with JSON, and where.
func explain(data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case len(strings.TrimSpace(string(data[:min(len(data), 64)]))) == 0:
		return errors.New("the body is empty")
	case errors.As(err, &syntax):
		return fmt.Errorf("the body is not JSON: %w, at %s", err, position(data, syntax.Offset))
	case errors.As(err, &kind):
		return fmt.Errorf("%s: %s where %s is wanted, at %s", fieldOr(kind.Field, "the body"), kind.Value, kind.Type, position(data, kind.Offset))
	case errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("the body is not JSON: it ends in the middle, at %s", position(data, int64(len(data))))
	}
	return err
}

func fieldOr(field, otherwise string) string {
	if field == "" {
		return otherwise
	}
	return field
}

// position says where a byte is, as people count: lines and columns from 1.
func position(data []byte, offset int64) string {
	offset = min(max(offset, 0), int64(len(data)))
	before := string(data[:offset])
	line := strings.Count(before, "\n") + 1
	column := len(before) - strings.LastIndexByte(before, '\n') - 1
	return fmt.Sprintf("line %d, column %d (byte %d)", line, max(column, 1), offset)
}
