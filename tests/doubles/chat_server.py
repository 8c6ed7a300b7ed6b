"""A server of OpenAI's chat protocol that runs a language model for real, in this process.

It answers what `gavel study` asks of any endpoint: messages in the model's own template, greedy or
drawn by a seed, log-probabilities with their alternatives, and a count of tokens.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import torch


class ChatServer(ThreadingHTTPServer):
    """Serves the model in `folder`; one that `gives_logprobs` not refuses them with HTTP 400."""

    def __init__(self, folder: Path) -> None:
        from transformers import AutoModelForCausalLM, AutoTokenizer

        super().__init__(("127.0.0.1", 0), Handler)
        self.tokenizer: Any = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        self.network: Any = AutoModelForCausalLM.from_pretrained(
            folder, local_files_only=True, dtype="auto"
        ).eval()
        self.gives_logprobs = True
        self.seen: list[dict[str, Any]] = []
        self.lock = threading.Lock()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def complete(self, asked: dict[str, Any]) -> dict[str, Any]:
        """The completion of `asked`, one token after the other."""
        ids = self.tokenizer.apply_chat_template(
            asked["messages"], add_generation_prompt=True, return_tensors="pt", return_dict=True
        )["input_ids"]
        generator = torch.Generator().manual_seed(int(asked.get("seed", 0)))
        size, told = ids.shape[1], []
        with torch.inference_mode():
            for _ in range(asked["max_tokens"]):
                log_probs = self.network(ids, use_cache=False).logits[0, -1].float().log_softmax(-1)
                chosen = self._chosen(log_probs, float(asked.get("temperature", 1)), generator)
                if chosen == self.tokenizer.eos_token_id:
                    break
                told.append((chosen, log_probs))
                ids = torch.cat([ids, torch.tensor([[chosen]])], dim=1)
        return self._answer(asked, size, told)

    def _chosen(
        self, log_probs: torch.Tensor, temperature: float, generator: torch.Generator
    ) -> int:
        if not temperature:
            return int(log_probs.argmax())
        shares = (log_probs / temperature).softmax(-1)
        return int(torch.multinomial(shares, 1, generator=generator))

    def _answer(
        self, asked: dict[str, Any], size: int, told: list[tuple[int, torch.Tensor]]
    ) -> dict[str, Any]:
        text = self.tokenizer.decode([token for token, _ in told])
        choice: dict[str, Any] = {
            "index": 0,
            "finish_reason": "length" if len(told) == asked["max_tokens"] else "stop",
            "message": {"role": "assistant", "content": text},
        }
        if asked.get("logprobs"):
            most = int(asked["top_logprobs"])
            choice["logprobs"] = {
                "content": [
                    {
                        **self._named(token, log_probs),
                        "top_logprobs": [
                            self._named(int(one), log_probs) for one in log_probs.topk(most).indices
                        ],
                    }
                    for token, log_probs in told
                ]
            }
        usage = {"prompt_tokens": size, "completion_tokens": len(told)}
        return {"object": "chat.completion", "choices": [choice], "usage": usage}

    def _named(self, token: int, log_probs: torch.Tensor) -> dict[str, Any]:
        return {"token": self.tokenizer.decode([token]), "logprob": float(log_probs[token])}


class Handler(BaseHTTPRequestHandler):
    server: ChatServer

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.seen.append(asked)
        if asked.get("logprobs") and not self.server.gives_logprobs:
            self._send(400, {"error": {"message": "this model has no logprobs"}})
            return
        with self.server.lock:
            self._send(200, self.server.complete(asked))

    def _send(self, status: int, told: dict[str, Any]) -> None:
        data = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass
