//===- Options.td - The command line of sinter ------------------*- tablegen -*-===//
//
// Part of Sinter, under the Apache License v2.0 with LLVM Exceptions.
//
// Each option is visible to the commands that take it; --help of a command
// prints them from here.
//
//===----------------------------------------------------------------------===//

include "llvm/Option/OptParser.td"

// Bits of one command each; Driver.h has the same names.
def CompileCommand : OptionVisibility;
def RunCommand : OptionVisibility;
def BenchCommand : OptionVisibility;
def ExplainCommand : OptionVisibility;
def VerifyCommand : OptionVisibility;
def InterpretCommand : OptionVisibility;
def CacheCommand : OptionVisibility;

// Commands that load a model, and those that make code of it.
defvar Loads = [CompileCommand, RunCommand, BenchCommand, ExplainCommand, VerifyCommand, InterpretCommand];
defvar All = !listconcat(Loads, [CacheCommand]);
defvar Compiles = [CompileCommand, RunCommand, BenchCommand, ExplainCommand, VerifyCommand];

// --name VALUE and --name=VALUE; `values` are what completion offers.
multiclass Value<string name, list<OptionVisibility> commands, string value, string help, string values = ""> {
  def NAME : Separate<["--"], name>, Visibility<commands>, MetaVarName<value>, HelpText<help>, Values<values>;
  def NAME # "_eq" : Joined<["--"], name # "=">, Visibility<commands>, Alias<!cast<Separate>(NAME)>;
}

def help : Flag<["--"], "help">, Visibility<All>, HelpText<"Print this text">;
def help_short : Flag<["-"], "h">, Visibility<All>, Alias<help>;
def quiet : Flag<["--"], "quiet">, Visibility<All>, HelpText<"Print errors only">;

def output : JoinedOrSeparate<["-"], "o">, Visibility<[CompileCommand]>, MetaVarName<"FILE">,
  HelpText<"Where to write the program (or what --emit asks for)">;

// The model.
defm spec : Value<"spec", Loads, "FILE", "Use this spec instead of the one found by the model's architecture">;
defm config : Value<"config", Loads, "FILE", "Configuration, when the model is given in parts">;
defm weights : Value<"weights", Loads, "PATH", "Weights, when the model is given in parts">;
defm adapter : Value<"adapter", Loads, "FOLDER", "Add a PEFT adapter (LoRA, or learned tokens)">;
defm random_weights : Value<"random-weights", Loads, "SEED", "Weights from a seed">;
defm set : Value<"set", Loads, "KEY=VALUE", "Overrule a value of the configuration; may be repeated">;
defm cache : Value<"cache", Loads, "TYPE", "Type of cached keys and values: f32, bf16, f16, auto (default: f16 where inputs of matmuls are rounded and the CPU converts f16, else f32)", "auto,f32,bf16,f16">;

// The code.
defm emit : Value<"emit", [CompileCommand], "KIND", "exe (default), shared (a library, see sinter.h), obj, asm, llvm, mlir", "exe,shared,obj,asm,llvm,mlir">;
defm stage : Value<"stage", [CompileCommand], "NAME", "With --emit=mlir: the IR after this stage of docs/architecture.md (default: as built)",
  "sinter-canonicalize,sinter-specialize,sinter-quantize,sinter-pack,sinter-fuse,sinter-plan,sinter-lower,sinter-to-llvm">;
defm store : Value<"store", [CompileCommand], "PLACE", "Weights: embed (default), or external: in FILE.weights", "embed,external">;
defm max_context : Value<"max-context", Compiles, "N", "Most tokens that the program takes">;
defm features : Value<"features", Compiles, "SET",
  "CPU: native (default), baseline, x86-64-v3, x86-64-v4, then ,+feature or ,-feature", "native,baseline,x86-64-v3,x86-64-v4">;
defm target : Value<"target", Compiles, "KIND", "cpu", "cpu">;
defm dtype : Value<"dtype", Compiles, "TYPE", "Type of activations: f32", "f32">;
defm quant : Value<"quant", Loads, "TYPE", "Type of weights that are floats: none (default: as stored), q8_0, q4_0, q4_1", "none,q8_0,q4_0,q4_1">;
defm activations : Value<"activations", Compiles, "KIND",
  "Inputs of matmuls: float, int8 or int16 (of quantized weights), auto (default: int8, int16 where there are outliers, and bf16 of bf16 "
  "weights where the CPU multiplies bf16)", "auto,float,int8,int16">;
def print_ir : Flag<["--"], "print-ir-after-each">, Visibility<Compiles>,
  HelpText<"Print what each pass changed, on standard error">;
def time : Flag<["--"], "time">, Visibility<Compiles>, HelpText<"Print the seconds of each step">;

// Measuring and checking.
defm prompt : Value<"prompt", [BenchCommand], "N", "Tokens of the prompt (default 512)">;
def prompt_short : JoinedOrSeparate<["-"], "p">, Visibility<[BenchCommand]>, Alias<prompt>;
defm tokens : Value<"tokens", [BenchCommand], "N", "Tokens to decode (default 64)">;
def tokens_short : JoinedOrSeparate<["-"], "n">, Visibility<[BenchCommand]>, Alias<tokens>;
defm threads : Value<"threads", [BenchCommand, VerifyCommand], "N", "Threads (default: one for each core)">;
def threads_short : JoinedOrSeparate<["-"], "t">, Visibility<[BenchCommand, VerifyCommand]>, Alias<threads>;
defm rounds : Value<"rounds", [BenchCommand], "N", "Rounds that count (default 5)">;
defm machine : Value<"machine", [ExplainCommand], "FILE",
  "What the machine can do at most: JSON as --json prints it, or probe: measure this one">;
def html : Flag<["--"], "html">, Visibility<[ExplainCommand]>, HelpText<"Print a page with a roofline plot">;
def json : Flag<["--"], "json">, Visibility<[BenchCommand, ExplainCommand, VerifyCommand, CacheCommand]>, HelpText<"Print JSON">;
defm atol : Value<"atol", [VerifyCommand], "X", "Largest difference (default: of golden.json)">;
def locate : Flag<["--"], "locate">, Visibility<[VerifyCommand]>,
  HelpText<"Find the part of the model, the token and the feature that are wrong first, and the pass that made them so">;
defm values : Value<"values", [VerifyCommand, InterpretCommand], "FILE",
  "Safetensors with values of parts, such as layers.0.attention.q: what --locate is to expect; interpret writes them">;
defm insert : Value<"insert", [CompileCommand, VerifyCommand], "PASS:PIPELINE", "Also run PIPELINE after PASS, or after all of them (verify: with --locate)">;
def no_interpreter : Flag<["--"], "no-interpreter">, Visibility<[VerifyCommand]>, HelpText<"Check native code only">;
defm input : Value<"input", [InterpretCommand], "FILE", "Safetensors with the inputs">;
defm result : Value<"output", [InterpretCommand], "FILE", "Where to write the results, as safetensors">;
defm generate : Value<"generate", [InterpretCommand], "N", "Also continue by N tokens">;
defm precision : Value<"precision", [InterpretCommand], "TYPE", "f64 (default) or f32", "f64,f32">;
