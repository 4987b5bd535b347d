# Figures as README.md shows them: 1,234 for 1234.4; below 100 with a digit, unless
# @whole says otherwise.

function figure_text(figure, whole,   text, out) {
	text = sprintf(figure < 100 && !whole ? "%.1f" : "%.0f", figure)
	sub(/\.0$/, "", text)
	while (length(text) > 3 && text !~ /\./) {
		out = "," substr(text, length(text) - 2) out
		text = substr(text, 1, length(text) - 3)
	}
	return text out
}
