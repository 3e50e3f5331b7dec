package boltstore

// heap is a binary heap, least first. Its items know their place in it, so
// that each can be moved or taken out at the cost of the heap's depth.
type heap[T any] struct {
	items []T
	less  func(a, b T) bool
	place func(T) *int // where an item keeps its place; nowhere: not in the heap
}

// nowhere is the place of an item that is in no heap.
const nowhere = -1

func (h *heap[T]) len() int { return len(h.items) }

// top is the least item, the zero T if there is none.
func (h *heap[T]) top() (item T) {
	if len(h.items) > 0 {
		item = h.items[0]
	}
	return item
}

// put adds an item. If it is in the heap already, put moves it to its new
// place.
func (h *heap[T]) put(item T) {
	if i := *h.place(item); i != nowhere {
		h.fix(i)
		return
	}
	h.items = append(h.items, item)
	h.set(len(h.items)-1, item)
	h.up(len(h.items) - 1)
}

// drop takes an item out. An item that is not in the heap is left alone.
func (h *heap[T]) drop(item T) {
	i := *h.place(item)
	if i == nowhere {
		return
	}
	last := len(h.items) - 1
	moved := h.items[last]
	var none T
	h.items[last] = none
	h.items = h.items[:last]
	*h.place(item) = nowhere
	if i != last {
		h.set(i, moved)
		h.fix(i)
	}
}

// pop takes the least item out; the heap must not be empty.
func (h *heap[T]) pop() T {
	item := h.items[0]
	h.drop(item)
	return item
}

func (h *heap[T]) set(i int, item T) {
	h.items[i] = item
	*h.place(item) = i
}

func (h *heap[T]) fix(i int) {
	if !h.down(i) {
		h.up(i)
	}
}

func (h *heap[T]) up(i int) {
	item := h.items[i]
	for i > 0 {
		parent := (i - 1) / 2
		if !h.less(item, h.items[parent]) {
			break
		}
		h.set(i, h.items[parent])
		i = parent
	}
	h.set(i, item)
}

func (h *heap[T]) down(i int) (moved bool) {
	item := h.items[i]
	for {
		child := 2*i + 1
		if child >= len(h.items) {
			break
		}
		if child+1 < len(h.items) && h.less(h.items[child+1], h.items[child]) {
			child++
		}
		if !h.less(h.items[child], item) {
			break
		}
		h.set(i, h.items[child])
		i, moved = child, true
	}
	h.set(i, item)
	return moved
}
