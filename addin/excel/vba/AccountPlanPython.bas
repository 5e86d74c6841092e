Attribute VB_Name = "AccountPlanPython"
Option Explicit
Option Private Module
' The only module that reaches Python, through xlwings. A host with another way
' to Python replaces these two functions, and nothing else.

Private Const FUNCTIONS As String = "accountplan.udfs.worksheet"
Private Const NOT_SET_UP As String = "Account Plan does not know its Python on this computer. " & _
    "Run 'accountplan addin install' in a terminal, then press the button again."
Private Const NOT_FOUND As String = "The Python of Account Plan is no longer where it was. " & _
    "Run 'accountplan addin install' in a terminal, then press the button again."

' Runs a line of Python. Gives "", or one line that says why it could not.
Public Function RunPythonOf(ByVal Command As String) As String
    Dim Interpreter As String
    Interpreter = GetConfig(IIf(OnMac(), "INTERPRETER_MAC", "INTERPRETER_WIN"), "")
    If Interpreter = "" And GetConfig("CONDA PATH", "") = "" Then
        RunPythonOf = NOT_SET_UP
        Exit Function
    End If
    ' On a Mac, Excel may not look at files that nobody opened with it.
    If Not OnMac() And InStr(Interpreter, "\") > 0 Then
        If Not FileExists(Interpreter) Then
            RunPythonOf = NOT_FOUND
            Exit Function
        End If
    End If
    RunPython Command
End Function

' What a worksheet function answers: a value, or an array of values.
Public Function AskPython(ByVal FunctionName As String, ByVal Arguments As Variant) As Variant
    AskPython = XLPy.CallUDF(FUNCTIONS, (FunctionName), (Arguments), ThisWorkbook, Application.Caller)
End Function

' Asked while it runs: LibreOffice reads both branches of an #If.
Public Function OnMac() As Boolean
    OnMac = InStr(Application.OperatingSystem, "Mac") > 0
End Function
