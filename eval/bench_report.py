"""The bench's numbers as a page to read."""

from collections.abc import Mapping, Sequence
from typing import Any

from eval.bench_quality import DENSE, LEXICAL, OURS, STOCK
from eval.layout import table

Document = Mapping[str, Any]
_SYSTEMS = (OURS, LEXICAL, DENSE, STOCK)


def summary(document: Document) -> str:
    """The Markdown page of what bench.json holds."""
    stock, quality = document["stock"], document["quality"]
    lines = [
        f"# {document['dataset']['name']}: copydesk against a stock peer",
        "",
        f"{document['dataset']['questions']} questions over the same {document['articles']:,} articles in both: "
        f"{document['passages']:,} passages of copydesk's, {stock['nodes']:,} nodes of the peer's. The peer is "
        f"LlamaIndex's VectorStoreIndex over Chroma with the defaults of both and the same embedding model. It embeds "
        f"nodes of {stock['chunk_size']:,} tokens ({stock['chunk_overlap']} shared with the next), of which the model "
        f"reads the first {stock['tokens_read']}.",
        "",
        f"## Gold found within {quality['words']} retrieved words",
        "",
        *_by_slice(quality),
        "",
        "## Within other numbers of words",
        "",
        *_by_budget(quality),
        "",
        "Shares of the n questions with gold, in per cent, with 95 % intervals. Retrieved texts are taken in rank "
        "order until the words are full, the last one cut there. Found: a gold sentence where they are known, else the "
        "gold answer, stands in them. Points: copydesk less stock, with the paired bootstrap's 95 % interval and the p "
        "of a randomisation test.",
        "",
    ]
    if document["cost"] is not None:
        lines += _cost(document["cost"], stock)
    return "\n".join(lines).rstrip() + "\n"


def _by_slice(quality: Document) -> list[str]:
    words = quality["words"]
    rows = [(name, *_cells(quality, name, words)) for name in _slices(quality)]
    return table(("slice", "n", *_SYSTEMS, "points", "p", "only copydesk", "only stock"), rows)


def _by_budget(quality: Document) -> list[str]:
    """Of the headline questions where there are any, else of all."""
    name = next((one for one in _slices(quality) if one == "headline"), _slices(quality)[0])
    rows = [(str(words), *_cells(quality, name, words)) for words in quality["budgets"]]
    return table((f"words ({name})", "n", *_SYSTEMS, "points", "p", "only copydesk", "only stock"), rows)


def _slices(quality: Document) -> list[str]:
    return list(dict.fromkeys(one["slice"] for one in quality["differences"]))


def _cells(quality: Document, slice_name: str, words: int) -> list[str]:
    def here(one: Mapping[str, Any]) -> bool:
        return bool(one["slice"] == slice_name and one["words"] == words)

    shares = {one["system"]: one for one in quality["shares"] if here(one)}
    (difference,) = (one for one in quality["differences"] if here(one))
    n = max((one["n"] for one in shares.values()), default=0)
    if not n:
        return ["0", *("not measured" for _ in _SYSTEMS), "", "", "", ""]
    return [
        str(n),
        *(_percent(shares[system]) for system in _SYSTEMS),
        _percent({**difference, "value": difference["difference"]}),
        f"{difference['p']:.4f}",
        str(difference["only_b"]),
        str(difference["only_a"]),
    ]


def _percent(interval: Mapping[str, Any]) -> str:
    return "{:.1f} [{:.1f}, {:.1f}]".format(*(100 * interval[name] for name in ("value", "low", "high")))


def _cost(cost: Document, stock: Document) -> list[str]:
    rows = [
        _row("embedding: tokens/s", cost["tokens_per_second"], "{:,.0f}"),
        _row("embedding: articles/s", cost["articles_per_second"], "{:.2f}"),
        _row("from text to searchable: articles/s", cost["indexing"], "{:.2f}"),
        _row("tokens read, an article", cost["tokens_per_article"], "{:,.0f}"),
        _row("texts embedded, an article", cost["texts_per_article"], "{:.1f}"),
        _row("bytes on disk, an article", cost["disk"], "{:,.0f}"),
        _row(
            "search, p50 ms",
            {**cost["query"], OURS: cost["query"][OURS]["p50_ms"], STOCK: cost["query"][STOCK]["p50_ms"]},
            "{:.1f}",
        ),
    ]
    cosine = cost["cosine"]
    return [
        "## Cost",
        "",
        *table(("", f"{OURS} ({cost['precision']})", f"{STOCK} (float32)", "copydesk / stock"), rows),
        "",
        f"Measured on {cost['articles']} articles, both systems by turns in one process with {cost['threads']} torch "
        f"thread{'' if cost['threads'] == 1 else 's'}: {cost['articles_per_turn']} articles at a time for embedding, "
        f"{cost['articles_per_index']} into an empty index; disk and search in the whole indexes. The ratios' 95 % "
        "intervals are bootstrapped over these turns, in pairs. Tokens are those that the model reads: of a node of "
        f"{stock['chunk_size']:,} tokens the first {stock['tokens_read']}, so that the peer reads only a part of each "
        "article. A search is the peer's default two nodes, and the 50 passages that copydesk answers from.",
        "",
        f"Cosine of copydesk's vectors, as they are stored, with float32 of the same texts: at least "
        f"{cosine['least']:.4f}, mean {cosine['mean']:.4f} (n = {cosine['n']}).",
    ]


def _row(name: str, compared: Mapping[str, Any], shown: str) -> Sequence[str]:
    ours, stock = compared[OURS], compared[STOCK]
    return (name, shown.format(ours), shown.format(stock), _ratio(compared.get("ratio", ours / stock)))


def _ratio(ratio: Mapping[str, Any] | float) -> str:
    if isinstance(ratio, float):
        return f"{ratio:.2f}"
    if ratio["low"] is None:
        return f"{ratio['value']:.2f}"
    return f"{ratio['value']:.2f} [{ratio['low']:.2f}, {ratio['high']:.2f}]"
